/**
 * One shard: a proved snapshot, then the cutover. Each step is recorded before the next begins, so whoever goes on after a
 * crash knows what may have happened: the cutover is one transaction, and its own row says whether it was registered.
 */
import { InvalidKeyError, type LongWork } from '@noy-db/hub'
import { isolateAsync, type Vault } from '@noy-db/hub/kernel'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { GroupCore } from '../federation/group-core.ts'
import { assertReadsAll } from '../federation/migrate/access.ts'
import { generationOf } from '../federation/migrate/cutover.ts'
import { migrateShard } from '../federation/migrate/migrate-shard.ts'
import { isMissingAccess } from '../federation/missing-access.ts'
import type { MigrationStatusRow } from '../federation/registry/types.ts'
import { verifyShardSnapshot } from '../snapshot/verify.ts'
import { writeShardSnapshot } from '../snapshot/write.ts'
import type { CampaignStore } from './campaign-store.ts'
import type { Lease } from './lease.ts'
import type { Progress } from './progress.ts'
import type { CampaignSettings, CampaignShardRow, ShardSnapshot } from './types.ts'

/** Together longer than the hub leaves a vault to a session that says nothing. */
const FENCE_WAITS = 12
const FENCE_WAIT_MS = 2_000

export interface ShardContext {
  readonly group: GroupCore
  readonly store: CampaignStore
  readonly lease: Lease
  readonly settings: CampaignSettings
  readonly progress: Progress
  readonly clock: () => number
  readonly signal: AbortSignal
}

/** The row as it was recorded last. @throws CAMPAIGN_TAKEN_OVER, the signal's reason; a failure of the shard is a state */
export async function runShard(context: ShardContext, before: CampaignShardRow): Promise<CampaignShardRow> {
  const { error: _error, finishedAt: _at, ...earlier } = before
  const attempts = before.attempts + 1
  const run = new ShardRun(context, { ...earlier, attempts, startedAt: before.startedAt ?? context.clock() })
  try {
    await run.migrate()
  } catch (error) {
    context.signal.throwIfAborted()
    await run.end(error)
  }
  context.progress.ended(run.row)
  return run.row
}

class ShardRun {
  readonly #context: ShardContext
  row: CampaignShardRow

  constructor(context: ShardContext, row: CampaignShardRow) {
    this.#context = context
    this.row = row
  }

  async migrate(): Promise<void> {
    const { group, settings } = this.#context
    await this.#record({ state: 'snapshot' })
    // As it is stored: nothing of the new template may touch it before it was copied.
    const vault = await group.db.openVault(this.row.vaultId, { create: false })
    assertReadsAll(vault, group.template)
    if (settings.snapshotFolder !== null) await this.#keepSnapshot(vault, settings.snapshotFolder)
    await this.#record({ state: 'migrating' })
    const { status, phase, migrated, error } = await this.#cutOver()
    if (phase === 'waiting for access') return this.#record({ state: 'waiting for access' })
    if (status !== 'done') throw new Error(error ?? 'Another session is at this shard.')
    const finishedAt = this.#context.clock()
    await this.#record({ state: 'done', finishedAt, ...(migrated !== undefined && { migrated }) })
  }

  async end(error: unknown): Promise<void> {
    // Nobody's mistake: somebody with other rights can do it.
    if (isMissingAccess(error) || error instanceof InvalidKeyError)
      return this.#record({ state: 'waiting for access' })
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'SHARD_MIGRATION_FAILED'
    const message = error instanceof Error ? error.message : String(error)
    const finishedAt = this.#context.clock()
    await this.#record({ state: 'failed', finishedAt, error: { code, message } })
  }

  /** A runner that died may have left the vault closed for as long as its right to cut over lasts; that is waited for. */
  async #cutOver(): Promise<MigrationStatusRow> {
    const { group, progress, signal } = this.#context
    const { vaultId, partitionKey } = this.row
    const work = this.#work((done, total) => progress.part(vaultId, done, total))
    for (let waits = 0; ; waits += 1) {
      progress.step(vaultId, 'cutover')
      const status = await migrateShard(group, partitionKey, work)
      if (status.phase !== 'waiting for another session' || waits === FENCE_WAITS) return status
      progress.step(vaultId, 'fence')
      await setTimeout(FENCE_WAIT_MS, undefined, { signal })
    }
  }

  /** One that was taken before the vault moved on is kept; else what was written since would be lost with it. */
  async #keepSnapshot(vault: Vault, folder: string): Promise<void> {
    const generation = await generationOf(vault)
    if (this.row.snapshot !== undefined && this.row.snapshot.generation !== generation) return
    const { progress, group } = this.#context
    const file = join(folder, `${this.row.campaign}-${this.row.place}.snapshot`)
    progress.step(vault.name, 'snapshot')
    await writeShardSnapshot(vault, file, this.#work())
    progress.step(vault.name, 'proof')
    const proof = await verifyShardSnapshot(file, { db: group.db }, this.#work())
    const { id, rows, collections, sha256, verifiedAt } = proof
    const snapshot: ShardSnapshot = { file, id, rows, collections, sha256, verifiedAt, generation }
    await this.#record({ snapshot })
  }

  async #record(change: Partial<CampaignShardRow>): Promise<void> {
    const { lease, store } = this.#context
    this.row = { ...this.row, ...change }
    await lease.record('campaigns.shard', (tx) => store.putShard(tx, this.row))
  }

  #work(onProgress?: LongWork['onProgress']): LongWork {
    const { signal } = this.#context
    return onProgress === undefined ? { signal } : { signal, onProgress }
  }
}

/** Once nothing can be asked of them any more. */
export async function removeSnapshots(shards: readonly CampaignShardRow[]): Promise<void> {
  for (const { snapshot } of shards) {
    if (snapshot === undefined) continue
    await isolateAsync(`Removing the snapshot ${snapshot.file}`, () => rm(snapshot.file, { force: true }))
  }
}
