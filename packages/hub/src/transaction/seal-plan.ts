/** From planned rows to store operations: the earlier version kept, the new one sealed, the tombstone moved. */
import { toJsonText } from '../collection/json-value.ts'
import { TOMBSTONES, tombstoneEnvelope, tombstoneKey } from '../collection/tombstones.ts'
import type { RowClear } from '../crypto/row-codec.ts'
import { DecryptionError } from '../errors.ts'
import { noStagedKeys, type StagedKeys } from '../keyring/vault-keys.ts'
import type { EncryptedEnvelope, TxOp } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import { earlierVersions, type EarlierVersions } from './earlier-versions.ts'
import { indexWrites, type IndexWrites } from './index-writes.ts'
import type { Plan, PlannedRow, PlannedWrite } from './plan.ts'
import type { Slices } from './slices.ts'

/** A row together with what the store will hold of it; null = deleted, or nothing was there to delete. */
export interface SealedRow<R extends PlannedRow = PlannedRow> {
  readonly row: R
  readonly envelope: EncryptedEnvelope | null
}

export interface SealedPlan {
  readonly plan: Plan
  readonly keys: StagedKeys
  readonly earlier: EarlierVersions
  readonly indexes: IndexWrites
  /** These two fill while the operations are made. */
  readonly writes: SealedRow<PlannedWrite>[]
  readonly sidecars: SealedRow[]
}

export interface Progress {
  readonly slices: Slices
  done: number
}

/** Enough for a store to be busy with while the next are sealed. */
const BATCH_OPS = 1_000

/** Mints and reads what sealing needs: from here on the store is only written to. */
export async function startSealing(plan: Plan): Promise<SealedPlan> {
  const { core } = plan.batch
  const minting = keysFor(core, keysNeeded(plan))
  const keys = minting instanceof Promise ? await minting : minting
  try {
    const reading = earlierVersions(core, plan.writes)
    const earlier = reading instanceof Promise ? await reading : reading
    const looking = indexWrites(plan)
    const indexes = looking instanceof Promise ? await looking : looking
    if (core.session.audit) await core.audit.lookAtHead()
    return { plan, keys, earlier, indexes, writes: [], sidecars: [] }
  } catch (error) {
    keys.forget()
    throw error
  }
}

/** The operations in the order in which they must apply, all at once. */
export async function sealAll(sealed: SealedPlan, ts: string, progress: Progress): Promise<TxOp[]> {
  const { plan, keys, indexes } = sealed
  const ops: TxOp[] = [...keys.ops]
  for (const row of plan.sidecars.length === 0 ? plan.writes : [...plan.writes, ...plan.sidecars]) {
    sealRow(sealed, row, ts, ops)
    progress.done += 1
    if (progress.slices.due()) await progress.slices.pause(progress.done)
  }
  if (ops.length > 0) indexes.ending(ops)
  return ops
}

/** The same while the store takes those before. Asks it nothing, so it may be waiting. */
export async function* sealInBatches(
  sealed: SealedPlan,
  ts: string,
  progress: Progress,
): AsyncGenerator<TxOp[]> {
  const { plan, keys, indexes } = sealed
  let ops: TxOp[] = [...keys.ops]
  let changes = false
  for (const row of [...plan.writes, ...plan.sidecars]) {
    sealRow(sealed, row, ts, ops)
    progress.done += 1
    changes ||= ops.length > 0
    if (ops.length >= BATCH_OPS) {
      yield ops
      ops = []
    }
    if (progress.slices.due()) await progress.slices.pause(progress.done)
  }
  if (!changes) return
  indexes.ending(ops)
  yield ops
}

function sealRow(sealed: SealedPlan, row: PlannedRow | PlannedWrite, ts: string, ops: TxOp[]): void {
  const { core } = sealed.plan.batch
  const envelope = row.value === undefined ? null : envelopeOf(core, row, ts)
  if (!isWrite(row)) {
    sealed.sidecars.push({ row, envelope })
    return pushOps(core, row, envelope, ts, ops)
  }
  sealed.writes.push({ row, envelope })
  if (sealed.earlier !== undefined && row.current > 0) ops.push(sealed.earlier(row))
  pushOps(core, row, envelope, ts, ops)
  const tokens = envelope === null && row.current === 0 ? null : sealed.indexes.tokensOf(row)
  if (tokens !== null) ops.push(tokens)
}

function isWrite(row: PlannedRow | PlannedWrite): row is PlannedWrite {
  return 'write' in row
}

/** A promise only where keys are looked for. On a store without `tx` there is no transaction to mint them in. */
function keysFor({ keys, store }: VaultCore, needed: readonly string[]): StagedKeys | Promise<StagedKeys> {
  if (store.tx === undefined) return keys.ensure(needed).then(() => noStagedKeys)
  return needed.every((collection) => keys.held(collection) !== undefined) ? noStagedKeys : keys.stage(needed)
}

/** Each named once. */
function keysNeeded({ batch, writes, sidecars }: Plan): string[] {
  const needed: string[] = batch.core.session.audit ? ['_audit'] : []
  const note = ({ value, keyCollection }: PlannedRow): void => {
    if (value !== undefined && !needed.includes(keyCollection)) needed.push(keyCollection)
  }
  writes.forEach(note)
  sidecars.forEach(note)
  return needed
}

function envelopeOf({ keys }: VaultCore, row: PlannedRow, ts: string): EncryptedEnvelope {
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
  const vault = core.name
  if (envelope !== null) {
    ops.push(
      comparesVersions(core, row)
        ? { vault, collection, id, op: 'put', envelope, expectedVersion: current }
        : { vault, collection, id, op: 'put', envelope },
    )
    // Behind the row: a bare store that stops in between must not forget the version. Says "no tombstone but the one I
    // know" as well: another instance may have deleted this row meanwhile.
    if (current === 0) {
      const at = tombstoneKey(collection, id)
      ops.push({ vault, collection: TOMBSTONES, id: at, op: 'delete', expectedVersion: row.tombstone })
    }
  } else if (current > 0) {
    const tombstone = tombstoneEnvelope(row.version, ts, core.keys.userId)
    const at = tombstoneKey(collection, id)
    ops.push({ vault, collection: TOMBSTONES, id: at, op: 'put', envelope: tombstone })
    ops.push({ vault, collection, id, op: 'delete', expectedVersion: current })
  }
}

/** A bare store gets a plain put, last write wins, unless the caller asked for the comparison. */
function comparesVersions({ store }: VaultCore, { asked }: PlannedRow): boolean {
  return asked || store.tx !== undefined || store.capabilities?.casAtomic === true
}
