/**
 * Brings one shard to the template's version. The registry row, the status row and the event that say so are one
 * transaction: after a crash either the shard counts as behind and the cutover, which transforms nothing twice, runs again, or all
 * three say done.
 */
import { NoAccessError, UnknownShardError } from '@noy-db/hub'
import type { GroupCore } from '../group-core.ts'
import { shardVaultId } from '../names.ts'
import type { StateManagementVault } from '../registry/state-management-vault.ts'
import type { MigrationStatusRow } from '../registry/types.ts'
import type { VaultRegistryRow } from '../types.ts'
import { runCutover } from './cutover.ts'

/**
 * The last status row; a failed cutover is a status, not an error. Who asks while it runs is told of that run.
 * @throws UnknownShardError
 */
export async function migrateShard(group: GroupCore, key: string): Promise<MigrationStatusRow> {
  const vaultId = shardVaultId(group.name, key)
  let running = group.migrations.get(vaultId)
  if (running === undefined) {
    running = migrate(group, vaultId, key).finally(() => group.migrations.delete(vaultId))
    group.migrations.set(vaultId, running)
  }
  return running
}

async function migrate(group: GroupCore, vaultId: string, key: string): Promise<MigrationStatusRow> {
  const row = await group.registry.get(vaultId)
  if (row === null || row.status === 'removed') throw new UnknownShardError(key, group.name)
  const state = await group.state()
  const before = await state.getMigrationStatus(row.vaultId)
  if (row.schemaVersion >= group.template.version) return alreadyThere(group, state, row, before)
  return new ShardMigration(group, state, row, before).run()
}

/** A finished row keeps what it says; one that a crash left unfinished is finished. */
async function alreadyThere(
  group: GroupCore,
  state: StateManagementVault,
  row: VaultRegistryRow,
  before: MigrationStatusRow | null,
): Promise<MigrationStatusRow> {
  if (before?.status === 'done' && before.targetVersion === group.template.version) return before
  const sameTarget = before?.targetVersion === group.template.version ? before : null
  const done: MigrationStatusRow = {
    ...(sameTarget && withoutEnding(sameTarget)),
    ...base(group, row),
    status: 'done',
    migrated: sameTarget?.migrated ?? 0,
    finishedAt: Date.now(),
  }
  await state.upsertMigrationStatus(done)
  return done
}

class ShardMigration {
  readonly #group: GroupCore
  readonly #state: StateManagementVault
  readonly #row: VaultRegistryRow
  readonly #running: MigrationStatusRow

  constructor(
    group: GroupCore,
    state: StateManagementVault,
    row: VaultRegistryRow,
    before: MigrationStatusRow | null,
  ) {
    this.#group = group
    this.#state = state
    this.#row = row
    const earlier = before?.targetVersion === group.template.version ? before : null
    this.#running = {
      ...base(group, row),
      status: 'running',
      phase: 'cutover',
      startedAt: earlier?.startedAt ?? Date.now(),
      attempts: (earlier?.attempts ?? 0) + 1,
      ...(earlier?.migrated !== undefined && { migrated: earlier.migrated }),
    }
  }

  async run(): Promise<MigrationStatusRow> {
    await this.#record(this.#running, 'migration-started')
    try {
      const migrated = await runCutover(await this.#group.open(this.#row))
      return await this.#finish(migrated)
    } catch (error) {
      return error instanceof NoAccessError ? this.#wait() : this.#fail(error)
    }
  }

  async #finish(migrated: number): Promise<MigrationStatusRow> {
    const version = this.#running.targetVersion
    const done: MigrationStatusRow = {
      ...withoutEnding(this.#running),
      status: 'done',
      currentVersion: version,
      migrated: (this.#running.migrated ?? 0) + migrated,
      finishedAt: Date.now(),
    }
    await this.#state._transaction('shards.migrate', async (tx, append) => {
      const stored = await this.#group.registry.collection.entry(this.#row.vaultId)
      const row = { ...(stored?.record ?? this.#row), schemaVersion: version }
      await this.#group.registry.put(tx, row, stored?.metadata.version ?? 0)
      this.#state._putMigrationStatus(tx, done)
      append(this.#event('migration-completed'))
    })
    return done
  }

  /** Nobody's mistake: another user, who has access, can run it. */
  async #wait(): Promise<MigrationStatusRow> {
    const waiting: MigrationStatusRow = { ...this.#running, status: 'pending', phase: 'waiting for access' }
    await this.#state.upsertMigrationStatus(waiting)
    return waiting
  }

  async #fail(error: unknown): Promise<MigrationStatusRow> {
    const message = error instanceof Error ? error.message : String(error)
    const failed: MigrationStatusRow = {
      ...withoutEnding(this.#running),
      status: 'failed',
      error: message,
      finishedAt: Date.now(),
    }
    await this.#record(failed, 'migration-failed', message)
    return failed
  }

  #record(
    status: MigrationStatusRow,
    type: 'migration-started' | 'migration-failed',
    detail?: string,
  ): Promise<void> {
    return this.#state._transaction(`shards.${type}`, (tx, append) => {
      this.#state._putMigrationStatus(tx, status)
      append({ ...this.#event(type), ...(detail !== undefined && { detail }) })
    })
  }

  #event<T extends string>(type: T) {
    const { vaultId } = this.#row
    return { type, group: this.#group.name, vaultId, version: this.#running.targetVersion }
  }
}

function base(group: GroupCore, row: VaultRegistryRow) {
  return {
    vaultId: row.vaultId,
    group: group.name,
    currentVersion: row.schemaVersion,
    targetVersion: group.template.version,
  }
}

/** A status on its way to another: how the last attempt ended is no longer true. */
function withoutEnding({ error: _error, finishedAt: _at, phase: _phase, ...row }: MigrationStatusRow) {
  return row
}
