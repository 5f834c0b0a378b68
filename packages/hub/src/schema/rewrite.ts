/**
 * The records of a cutover: read as they are stored, transformed, sealed again. Nothing is written here, so
 * whatever fails leaves the vault as it was.
 */
import { toJsonText, toJsonValue } from '../collection/json-value.ts'
import { readingKey } from '../collection/read-key.ts'
import { clearOf } from '../collection/row.ts'
import type { RowKey } from '../crypto/row-codec.ts'
import { ValidationError } from '../errors.ts'
import { HISTORY, historyId } from '../history/history-id.ts'
import type { PlannedRow } from '../transaction/plan.ts'
import type { SealedRow } from '../transaction/seal-plan.ts'
import { Slices } from '../transaction/slices.ts'
import { readPages, type StoredRow } from '../transaction/store-write.ts'
import type { LongWork } from '../types/collection.ts'
import type { CoordinatedCutoverOptions } from '../types/schema.ts'
import type { EncryptedEnvelope, TxOp } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import type { CutoverLease } from './cutover-lease.ts'
import { validateRecord } from './validate.ts'

/** Records handed to `prepare` at a time. */
const CHUNK = 100

type Body = Record<string, unknown>

export interface RewriteContext {
  readonly core: VaultCore
  readonly lease: CutoverLease
  readonly ts: string
  /** Rows of this generation are done: an interrupted cutover rewrote them. */
  readonly doneGeneration: number | undefined
  readonly work: LongWork
  /** Records to go through. */
  readonly total: number
}

export class Rewriting {
  /** Every record of the cutover with what the store will hold of it, those already done included. */
  readonly rows: SealedRow[] = []
  readonly ops: TxOp[] = []
  readonly #context: RewriteContext
  readonly #slices: Slices

  constructor(context: RewriteContext) {
    this.#context = context
    this.#slices = new Slices(context.work, context.total)
  }

  async addCollection(collection: string, how: CoordinatedCutoverOptions): Promise<void> {
    const { core } = this.#context
    if (core.indexes.areKept) await core.indexes.stored(collection)
    for await (const page of readPages(core.store, core.name, collection)) {
      const todo: StoredRow[] = []
      for (const row of page) {
        if (!this.#takeDone(collection, row)) todo.push(row)
      }
      for (let start = 0; start < todo.length; start += CHUNK)
        await this.#addChunk(collection, how, todo.slice(start, start + CHUNK))
    }
  }

  #takeDone(collection: string, { id, envelope }: StoredRow): boolean {
    const { doneGeneration } = this.#context
    if (doneGeneration === undefined || envelope._gen !== doneGeneration) return false
    this.rows.push({ row: plannedRow(collection, id, envelope._v - 1), envelope })
    return true
  }

  async #addChunk(
    collection: string,
    how: CoordinatedCutoverOptions,
    rows: readonly StoredRow[],
  ): Promise<void> {
    const { core } = this.#context
    const key = await readingKey(core.keys, collection)
    const docs: Body[] = []
    for (const { id, envelope } of rows) {
      // A collection with a schema of members holds objects; the transform says what it makes of others.
      docs.push(JSON.parse(core.keys.codec.open(key, { collection, id }, envelope)) as Body)
      await this.#pauseWhenDue()
    }
    const ids = rows.map(({ id }) => id)
    const next = await this.#transform(docs, ids, how)
    for (const [at, row] of rows.entries()) {
      await this.#seal(collection, key, row, next[at])
      await this.#pauseWhenDue()
    }
  }

  async #transform(
    docs: readonly Body[],
    ids: readonly string[],
    how: CoordinatedCutoverOptions,
  ): Promise<readonly Body[]> {
    if (how.prepare !== undefined) {
      const prepared = await how.prepare(docs, ids)
      if (prepared.length === docs.length) return prepared
      throw new ValidationError(`${docs.length} records were given, ${prepared.length} came back.`)
    }
    const next: Body[] = []
    for (const doc of docs) {
      next.push(how.transform(doc))
      await this.#pauseWhenDue()
    }
    return next
  }

  /** A record that its own schema would refuse to read is refused here, while everything can still stay as it was. */
  async #seal(
    collection: string,
    key: RowKey,
    { id, envelope: old }: StoredRow,
    next: unknown,
  ): Promise<void> {
    const { core, ts, lease } = this.#context
    const value = toJsonValue(next)
    await validateRecord(core.stateOf(collection).options.schema, value, 'input')
    const { keys, store } = core
    const clear = {
      ...clearOf(old),
      version: old._v + 1,
      ts,
      by: keys.userId,
      ...(store.tx === undefined && { gen: lease.generation + 1 }),
    }
    const envelope = keys.codec.seal(key, { collection, id }, clear, toJsonText(value))
    this.rows.push({ row: plannedRow(collection, id, old._v), envelope })
    const here = { vault: core.name, collection, id }
    if (core.session.history) this.ops.push(keepOp(core, collection, id, old))
    this.ops.push({ ...here, op: 'put', envelope, expectedVersion: old._v })
    const tokens = core.indexes.tokenOp(core.indexes.known(collection), collection, id, value)
    if (tokens !== null) this.ops.push(tokens)
  }

  async #pauseWhenDue(): Promise<void> {
    if (!this.#slices.due()) return
    await this.#slices.pause(this.rows.length)
    await this.#context.lease.keep()
  }
}

/** As the audit trail names it; the body is in the envelope. */
function plannedRow(collection: string, id: string, current: number): PlannedRow {
  const version = current + 1
  const planned = { collection, id, keyCollection: collection, current, version }
  return { ...planned, value: undefined, tombstone: 0, asked: true }
}

function keepOp(core: VaultCore, collection: string, id: string, old: EncryptedEnvelope): TxOp {
  const toId = historyId(collection, id, old._v)
  const { name: vault, store } = core
  if (store.tx !== undefined && store.capabilities?.txCopy === true)
    return { vault, collection, id, op: 'copy', toCollection: HISTORY, toId }
  return { vault, collection: HISTORY, id: toId, op: 'put', envelope: old }
}
