/** Transactions of the memory store: everything is staged and checked first, so a failure leaves no trace. */
import { ConflictError, ValidationError } from '../errors.ts'
import type { EncryptedEnvelope, TxCheckOp, TxCopyOp, TxIndexOp, TxOp, TxWriteOp } from '../types/store.ts'
import type { VaultRows } from './rows.ts'
import type { TokenRows } from './tokens.ts'

interface StagedRow {
  readonly vault: string
  readonly collection: string
  readonly id: string
  readonly envelope: EncryptedEnvelope | null
}

class Staging {
  readonly #rows: VaultRows
  readonly #tokens: TokenRows
  readonly #staged = new Map<string, StagedRow>()
  readonly #indexed: TxIndexOp[] = []

  constructor(rows: VaultRows, tokens: TokenRows) {
    this.#rows = rows
    this.#tokens = tokens
  }

  read(vault: string, collection: string, id: string): EncryptedEnvelope | null {
    const staged = this.#staged.get(rowKey(vault, collection, id))
    return staged === undefined ? this.#rows.get(vault, collection, id) : staged.envelope
  }

  write(row: StagedRow): void {
    this.#staged.set(rowKey(row.vault, row.collection, row.id), row)
  }

  index(op: TxIndexOp): void {
    this.#indexed.push(op)
  }

  commit(): void {
    for (const { vault, collection, id, envelope } of this.#staged.values()) {
      if (envelope === null) this.#rows.delete(vault, collection, id)
      else this.#rows.set(vault, collection, id, envelope)
    }
    for (const { vault, collection, id, tokens } of this.#indexed)
      this.#tokens.set(vault, collection, id, tokens)
  }
}

/** @throws ConflictError or ValidationError, in which case nothing was written. */
export function applyTransaction(rows: VaultRows, tokens: TokenRows, ops: readonly TxOp[]): void {
  const staging = new Staging(rows, tokens)
  for (const op of ops) stage(staging, op)
  staging.commit()
}

function stage(staging: Staging, op: TxOp): void {
  switch (op.op) {
    case 'copy':
      return stageCopy(staging, op)
    case 'check':
      return check(staging, op)
    case 'index':
      check(staging, op)
      return staging.index(op)
    default:
      return stageWrite(staging, op)
  }
}

function check(staging: Staging, op: TxWriteOp | TxCheckOp | TxIndexOp): void {
  const version = staging.read(op.vault, op.collection, op.id)?._v ?? 0
  if (op.expectedVersion !== undefined && op.expectedVersion !== version) throw new ConflictError(version)
}

function stageCopy(staging: Staging, op: TxCopyOp): void {
  const { vault, toCollection: collection, toId: id } = op
  const envelope = staging.read(vault, op.collection, op.id)
  if (envelope !== null) staging.write({ vault, collection, id, envelope })
}

function stageWrite(staging: Staging, op: TxWriteOp): void {
  const { vault, collection, id } = op
  check(staging, op)
  if (op.op === 'delete') return staging.write({ vault, collection, id, envelope: null })
  if (op.envelope === undefined) throw new ValidationError(`A put of ${collection}/${id} has no envelope.`)
  staging.write({ vault, collection, id, envelope: op.envelope })
}

function rowKey(...parts: string[]): string {
  return JSON.stringify(parts)
}
