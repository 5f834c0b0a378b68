/** From staged writes to versions: what each row is now, and what it becomes. Runs under the vault's lock. */
import { tombstoneKey } from '../collection/tombstones.ts'
import type { CollectionState, VaultCore } from '../vault/vault-core.ts'
import { ConflictError } from '../errors.ts'
import type { EncryptedEnvelope } from '../types/store.ts'
import { eachInSlices, Slices } from './slices.ts'
import type { Batch, StagedSidecar, StagedWrite } from './staging.ts'
import { readRows } from './store-write.ts'

/** A user record or a reserved row on its way. */
export interface PlannedRow {
  readonly collection: string
  readonly id: string
  /** Whose key seals it. */
  readonly keyCollection: string
  /** The value to store; undefined = delete. */
  readonly value: unknown
  /** Stored now; 0 = absent. */
  readonly current: number
  /** Last version of an earlier life of this row; 0 = none. */
  readonly tombstone: number
  /** Version of the write; of a delete the version deleted. */
  readonly version: number
  /** The caller named the version it saw. */
  readonly asked: boolean
  /** Set when it was read on the way. */
  readonly envelope?: EncryptedEnvelope
}

export interface PlannedWrite extends PlannedRow {
  readonly write: StagedWrite
  readonly state: CollectionState
}

export interface Plan {
  readonly batch: Batch
  readonly writes: readonly PlannedWrite[]
  readonly sidecars: readonly PlannedRow[]
}

/** @throws ConflictError when a version the caller expected is not the stored one */
export async function planBatch(batch: Batch): Promise<Plan> {
  const writes: PlannedWrite[] = []
  for (const [collection, group] of batch.byCollection())
    await planCollection(batch, collection, group, writes)
  return { batch, writes, sidecars: batch.sidecars.size === 0 ? [] : await planSidecars(batch) }
}

async function planCollection(
  batch: Batch,
  collection: string,
  group: readonly StagedWrite[],
  planned: PlannedWrite[],
): Promise<void> {
  const state = batch.core.stateOf(collection)
  const hydrating = state.rows.ready()
  if (hydrating !== undefined) await hydrating
  const doubtful = doubtfulIds(batch, state, group)
  if (doubtful.length > 0) await state.rows.refresh(doubtful)
  const looking = (state.rows.isLarge ? lookIntoStore : lookIntoCache)(batch.core, state, group)
  const { stored, tombstones } = looking instanceof Promise ? await looking : looking
  const planning = eachInSlices(group, new Slices(), (write, at) => {
    const envelope = stored?.[at] ?? undefined
    const current = stored === null ? (state.rows.peek(write.id)?.version ?? 0) : (envelope?._v ?? 0)
    planned.push(planWrite(write, state, envelope, planRow(write, collection, current, tombstones)))
  })
  if (planning !== undefined) await planning
}

/** What is there of the rows to be written. */
interface Found {
  /** In the order of the writes; null where the cache says it. */
  readonly stored: ReadonlyArray<EncryptedEnvelope | null> | null
  readonly tombstones: ReadonlyMap<string, number>
}

/** A promise only where the tombstones have to be read. */
function lookIntoCache(
  { tombstones: kept }: VaultCore,
  { name }: CollectionState,
  group: readonly StagedWrite[],
): Found | Promise<Found> {
  const ids = group.map(({ id }) => id)
  const tombstones = kept.versions(name, ids)
  if (!(tombstones instanceof Promise)) return { stored: null, tombstones }
  return tombstones.then((versions) => ({ stored: null, tombstones: versions }))
}

async function lookIntoStore(
  core: VaultCore,
  { name }: CollectionState,
  group: readonly StagedWrite[],
): Promise<Found> {
  const ids = group.map(({ id }) => id)
  const [stored, tombstones] = await Promise.all([
    readRows(core.store, core.name, name, ids),
    core.tombstones.versionsOf(name, ids),
  ])
  return { stored, tombstones }
}

function planWrite(
  write: StagedWrite,
  state: CollectionState,
  envelope: EncryptedEnvelope | undefined,
  row: PlannedVersion,
): PlannedWrite {
  const value = write.op === 'put' ? write.record : undefined
  const planned = { ...row, keyCollection: row.collection, value, write, state }
  return envelope === undefined ? planned : { ...planned, envelope }
}

/**
 * The cache may be behind another instance, and a version somebody relies on is compared with the store:
 * by the transaction itself where there is one and the cache agrees, else by reading the row again.
 */
function doubtfulIds({ core }: Batch, { rows }: CollectionState, group: readonly StagedWrite[]): string[] {
  const compares = core.store.tx !== undefined
  const isDoubtful = ({ id, options: { expectedVersion } }: StagedWrite): boolean =>
    expectedVersion !== undefined && !(compares && expectedVersion === (rows.peek(id)?.version ?? 0))
  return group.filter(isDoubtful).map(({ id }) => id)
}

async function planSidecars({ core, sidecars }: Batch): Promise<PlannedRow[]> {
  const groups = new Map<string, StagedSidecar[]>()
  for (const row of sidecars.values()) {
    const group = groups.get(row.sidecar)
    if (group === undefined) groups.set(row.sidecar, [row])
    else group.push(row)
  }
  const planned: PlannedRow[] = []
  const slices = new Slices()
  for (const [sidecar, group] of groups) {
    const ids = group.map(({ id }) => id)
    const stored = await readRows(core.store, core.name, sidecar, ids)
    const tombstones = await core.tombstones.versions(sidecar, ids)
    await eachInSlices(group, slices, (row, at) => {
      planned.push(planSidecar(row, stored[at] ?? null, tombstones))
    })
  }
  return planned
}

function planSidecar(
  sidecar: StagedSidecar,
  stored: EncryptedEnvelope | null,
  tombstones: ReadonlyMap<string, number>,
): PlannedRow {
  const current = stored?._v ?? 0
  const op = sidecar.row === undefined ? 'delete' : 'put'
  const { id, expectedVersion } = sidecar
  const row = planRow({ id, op, options: { expectedVersion } }, sidecar.sidecar, current, tombstones)
  return { ...row, keyCollection: sidecar.keyCollection, value: sidecar.row }
}

type PlannedVersion = Pick<PlannedRow, 'collection' | 'id' | 'current' | 'tombstone' | 'version' | 'asked'>

interface Asked {
  readonly id: string
  readonly op: 'put' | 'delete'
  readonly options: { readonly expectedVersion?: number | undefined }
}

function planRow(
  { id, op, options: { expectedVersion: expected } }: Asked,
  collection: string,
  current: number,
  tombstones: ReadonlyMap<string, number>,
): PlannedVersion {
  if (expected !== undefined && expected !== current)
    throw new ConflictError(current, `${collection}/${id} is at version ${current}, not ${expected}.`)
  // Most vaults have deleted little: no key is made to look for nothing.
  const tombstone = tombstones.size === 0 ? 0 : (tombstones.get(tombstoneKey(collection, id)) ?? 0)
  const last = Math.max(current, tombstone)
  const version = op === 'delete' ? last : last + 1
  return { collection, id, current, tombstone, version, asked: expected !== undefined }
}

/** After a lost race: reads again what this transaction builds on. */
export async function refreshPlan({ batch, writes, sidecars }: Plan): Promise<void> {
  const { core } = batch
  await core.keys.renew()
  for (const [collection, group] of batch.byCollection()) {
    await core.stateOf(collection).rows.refresh(group.map(({ id }) => id))
  }
  await core.tombstones.refresh(
    [...writes, ...sidecars].map(({ collection, id }) => tombstoneKey(collection, id)),
  )
  core.audit.forgetHead()
  core.indexes.forget()
  core.schema.fence.doubt()
}
