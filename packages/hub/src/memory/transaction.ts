/** Transactions of the memory store: everything is staged and checked first, so a failure leaves no trace. */
import { ConflictError, ValidationError } from '../errors.ts'
import type { EncryptedEnvelope, TxOp, TxWriteOp } from '../types/store.ts'
import type { VaultRows } from './rows.ts'

interface StagedRow {
  readonly vault: string
  readonly collection: string
  readonly id: string
  readonly envelope: EncryptedEnvelope | null
}

class Staging {
  readonly #rows: VaultRows
  readonly #staged = new Map<string, StagedRow>()

  constructor(rows: VaultRows) {
    this.#rows = rows
  }

  read(vault: string, collection: string, id: string): EncryptedEnvelope | null {
    const staged = this.#staged.get(rowKey(vault, collection, id))
    return staged === undefined ? this.#rows.get(vault, collection, id) : staged.envelope
  }

  write(row: StagedRow): void {
    this.#staged.set(rowKey(row.vault, row.collection, row.id), row)
  }

  commit(): void {
    for (const { vault, collection, id, envelope } of this.#staged.values()) {
      if (envelope === null) this.#rows.delete(vault, collection, id)
      else this.#rows.set(vault, collection, id, envelope)
    }
  }
}

/** @throws ConflictError or ValidationError, in which case nothing was written. */
export function applyTransaction(rows: VaultRows, ops: readonly TxOp[]): void {
  const staging = new Staging(rows)
  for (const op of ops) {
    if (op.op === 'copy') stageCopy(staging, op)
    else stageWrite(staging, op)
  }
  staging.commit()
}

function stageCopy(staging: Staging, op: Exclude<TxOp, TxWriteOp>): void {
  const { vault, toCollection: collection, toId: id } = op
  const envelope = staging.read(vault, op.collection, op.id)
  if (envelope !== null) staging.write({ vault, collection, id, envelope })
}

function stageWrite(staging: Staging, op: TxWriteOp): void {
  const { vault, collection, id } = op
  const version = staging.read(vault, collection, id)?._v ?? 0
  if (op.expectedVersion !== undefined && op.expectedVersion !== version) throw new ConflictError(version)
  if (op.op === 'delete') return staging.write({ vault, collection, id, envelope: null })
  if (op.envelope === undefined) throw new ValidationError(`A put of ${collection}/${id} has no envelope.`)
  staging.write({ vault, collection, id, envelope: op.envelope })
}

function rowKey(...parts: string[]): string {
  return JSON.stringify(parts)
}
