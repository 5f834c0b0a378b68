/** A migration run on an encrypted copy of a shard, by the code that will run on the shard; the copy is removed whatever happens. */
import { UnknownShardError, type LongWork, type NoydbStore } from '@noy-db/hub'
import { copyVault } from '@noy-db/hub/copy'
import type { Vault } from '@noy-db/hub/kernel'
import type { GroupCore } from '../federation/group-core.ts'
import { assertReadsAll } from '../federation/migrate/access.ts'
import { shardVaultId } from '../federation/names.ts'
import { onlySignal, pace } from '../pace.ts'
import { Differences, type CollectionDifference } from './differences.ts'
import { declaredTotals, type TotalField } from './totals.ts'

/** An empty store for one rehearsal, and what removes it. */
export interface RehearsalStore {
  readonly store: NoydbStore
  remove(): Promise<void> | void
}

export interface RehearsalOptions extends LongWork {
  readonly store: () => Promise<RehearsalStore> | RehearsalStore
  /** Fields to add up, by collection. Default: the numeric ones of a declarative template. */
  readonly totals?: Readonly<Record<string, readonly TotalField[]>>
  /** Differing records that are shown of each collection; default 5. */
  readonly examples?: number
}

export interface Rehearsal {
  readonly vaultId: string
  readonly from: number
  readonly to: number
  /** Records the cutover rewrote. */
  readonly migrated: number
  readonly durationMs: number
  /** What stopped it, and would stop the migration; the differences are empty then. */
  readonly failure: Error | null
  readonly collections: Readonly<Record<string, CollectionDifference>>
}

/** @throws UnknownShardError, NoAccessError, the signal's reason; a cutover that fails is a result */
export async function rehearse(group: GroupCore, key: string, options: RehearsalOptions): Promise<Rehearsal> {
  const vaultId = shardVaultId(group.name, key)
  const row = await group.registry.get(vaultId)
  if (row === null || row.status === 'removed') throw new UnknownShardError(key, group.name)
  const source = await group.db.openVault(vaultId, { create: false })
  assertReadsAll(source, group.template)
  const place = await options.store()
  try {
    await copyVault(source, place.store, onlySignal(options))
    // With history, so that what the cutover replaces can be compared with what it writes.
    const session = group.db.over(place.store, { history: true, audit: false })
    try {
      const copy = await session.openVault(vaultId, { create: false })
      const ran = await migrateCopy(group, copy, options)
      return { vaultId, from: row.schemaVersion, to: group.template.version, ...ran }
    } finally {
      session.close()
    }
  } finally {
    await place.remove()
  }
}

type Ran = Pick<Rehearsal, 'migrated' | 'durationMs' | 'failure' | 'collections'>

async function migrateCopy(group: GroupCore, copy: Vault, options: RehearsalOptions): Promise<Ran> {
  const { totals = declaredTotals(group.template), examples = 5, signal, onProgress } = options
  const differences = new Differences(copy, { totals, examples, slices: pace(onlySignal(options)) })
  await differences.count()
  const began = performance.now()
  const since = (): number => Math.round(performance.now() - began)
  try {
    group.template.configure(copy)
    const work = { ...(signal !== undefined && { signal }), ...(onProgress !== undefined && { onProgress }) }
    const { recordsMigrated: migrated } = await copy.runSchemaCutover(work)
    const durationMs = since()
    return { migrated, durationMs, failure: null, collections: await differences.compare() }
  } catch (error) {
    signal?.throwIfAborted()
    const failure = error instanceof Error ? error : new Error(String(error))
    return { migrated: 0, durationMs: since(), failure, collections: {} }
  }
}
