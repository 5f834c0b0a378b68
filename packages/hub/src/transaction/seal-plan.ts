/** From planned rows to store operations: the earlier version kept, the new one sealed, the tombstone moved. */
import { toJsonText } from '../collection/json-value.ts'
import { TOMBSTONES, tombstoneEnvelope, tombstoneKey } from '../collection/tombstones.ts'
import type { RowClear } from '../crypto/row-codec.ts'
import { ConflictError, DecryptionError } from '../errors.ts'
import { HISTORY, historyId } from '../history/history-id.ts'
import { noStagedKeys, type StagedKeys } from '../keyring/vault-keys.ts'
import type { EncryptedEnvelope, TxOp } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import type { Plan, PlannedRow, PlannedWrite } from './plan.ts'
import { Slices } from './slices.ts'
import { readRows } from './store-write.ts'

/** A row together with what the store will hold of it; null = deleted, or nothing was there to delete. */
export interface SealedRow<R extends PlannedRow = PlannedRow> {
  readonly row: R
  readonly envelope: EncryptedEnvelope | null
}

export interface SealedPlan {
  readonly plan: Plan
  readonly keys: StagedKeys
  readonly ops: TxOp[]
  readonly writes: readonly SealedRow<PlannedWrite>[]
  readonly sidecars: readonly SealedRow[]
}

export interface Progress {
  readonly slices: Slices
  done: number
}

export async function sealPlan(plan: Plan, ts: string, progress: Progress): Promise<SealedPlan> {
  const { core } = plan.batch
  const keys = await keysFor(core, keysNeeded(plan))
  try {
    return { ...(await sealWith(plan, ts, keys.ops, progress)), keys }
  } catch (error) {
    keys.forget()
    throw error
  }
}

/** On a store without `tx` there is no transaction to mint them in. */
async function keysFor({ keys, store }: VaultCore, needed: ReadonlySet<string>): Promise<StagedKeys> {
  if (store.tx !== undefined) return keys.stage(needed)
  await keys.ensure(needed)
  return noStagedKeys
}

async function sealWith(
  plan: Plan,
  ts: string,
  keyOps: readonly TxOp[],
  progress: Progress,
): Promise<Omit<SealedPlan, 'keys'>> {
  const { core } = plan.batch
  const ops: TxOp[] = [...keyOps, ...(core.session.history ? await historyOps(core, plan.writes) : [])]
  const writes = await sealRows(core, plan.writes, ts, ops, progress)
  const sidecars = await sealRows(core, plan.sidecars, ts, ops, progress)
  return { plan, ops, writes, sidecars }
}

function keysNeeded({ batch, writes, sidecars }: Plan): Set<string> {
  const needed = new Set<string>()
  for (const { value, keyCollection } of [...writes, ...sidecars]) {
    if (value !== undefined) needed.add(keyCollection)
  }
  if (batch.core.session.audit) needed.add('_audit')
  return needed
}

async function sealRows<R extends PlannedRow>(
  core: VaultCore,
  rows: readonly R[],
  ts: string,
  ops: TxOp[],
  progress: Progress,
): Promise<SealedRow<R>[]> {
  const sealed: SealedRow<R>[] = []
  for (const row of rows) {
    const envelope = row.value === undefined ? null : sealRow(core, row, ts)
    pushOps(core, row, envelope, ts, ops)
    sealed.push({ row, envelope })
    progress.done += 1
    if (progress.slices.due()) await progress.slices.pause(progress.done)
  }
  return sealed
}

function sealRow({ keys }: VaultCore, row: PlannedRow, ts: string): EncryptedEnvelope {
  const key = keys.held(row.keyCollection)
  if (key === undefined) throw new DecryptionError(`The key of ${row.keyCollection} is missing.`)
  return keys.codec.seal(key, row, clearMembers(row, ts, keys.userId), toJsonText(row.value))
}

function clearMembers(row: PlannedRow & Partial<PlannedWrite>, ts: string, by: string): RowClear {
  const clear = { version: row.version, ts, by }
  if (row.write?.op !== 'put' || row.state?.options.provenance !== true) return clear
  const { source, sourceTs } = row.write.options
  return source === undefined ? clear : { ...clear, source, sourceTs: sourceTs ?? ts }
}

function pushOps(
  core: VaultCore,
  row: PlannedRow,
  envelope: EncryptedEnvelope | null,
  ts: string,
  ops: TxOp[],
): void {
  const { collection, id, current } = row
  const here = { vault: core.name, collection, id }
  const tombstone = { vault: core.name, collection: TOMBSTONES, id: tombstoneKey(collection, id) }
  if (envelope !== null) {
    // Says "no tombstone but the one I know" as well: another instance may have deleted this row meanwhile.
    if (current === 0) ops.push({ ...tombstone, op: 'delete', expectedVersion: row.tombstone })
    ops.push({
      ...here,
      op: 'put',
      envelope,
      ...(comparesVersions(core, row) && { expectedVersion: current }),
    })
  } else if (current > 0) {
    ops.push({ ...tombstone, op: 'put', envelope: tombstoneEnvelope(row.version, ts, core.keys.userId) })
    ops.push({ ...here, op: 'delete', expectedVersion: current })
  }
}

/** A bare store gets a plain put, last write wins, unless the caller asked for the comparison. */
function comparesVersions({ store }: VaultCore, { asked }: PlannedRow): boolean {
  return asked || store.tx !== undefined || store.capabilities?.casAtomic === true
}

/** The version each write replaces, verbatim: its ciphertext stays bound to where and when it was written. */
async function historyOps(core: VaultCore, writes: readonly PlannedWrite[]): Promise<TxOp[]> {
  const replaced = writes.filter(({ current }) => current > 0)
  if (core.store.tx !== undefined && core.store.capabilities?.txCopy === true) return copyOps(core, replaced)
  const envelopes = await replacedEnvelopes(core, replaced)
  return replaced.map((row, at) => {
    const envelope = envelopes[at] ?? null
    if (envelope?._v !== row.current) throw new ConflictError(envelope?._v ?? 0)
    return {
      vault: core.name,
      collection: HISTORY,
      id: historyId(row.collection, row.id, row.current),
      op: 'put',
      envelope,
    }
  })
}

async function copyOps({ name: vault }: VaultCore, rows: readonly PlannedRow[]): Promise<TxOp[]> {
  const ops: TxOp[] = []
  const slices = new Slices()
  for (const { collection, id, current } of rows) {
    const toId = historyId(collection, id, current)
    ops.push({ vault, collection, id, op: 'copy', toCollection: HISTORY, toId })
    if (slices.due()) await slices.pause()
  }
  return ops
}

async function replacedEnvelopes(core: VaultCore, rows: readonly PlannedWrite[]) {
  const found = new Map<string, EncryptedEnvelope | null>()
  const collections = new Set(rows.map(({ collection }) => collection))
  for (const collection of collections) {
    const ids = rows.filter((row) => row.collection === collection).map(({ id }) => id)
    const envelopes = await readRows(core.store, core.name, collection, ids)
    for (const [at, id] of ids.entries()) found.set(tombstoneKey(collection, id), envelopes[at] ?? null)
  }
  return rows.map(({ collection, id }) => found.get(tombstoneKey(collection, id)))
}
