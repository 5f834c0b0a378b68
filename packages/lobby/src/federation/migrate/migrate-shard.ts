/**
 * Brings one shard to the template's version. The registry row, the status row and the event that say so are one
 * transaction: after a crash either the shard counts as behind and the cutover, which transforms nothing twice, runs again, or all
 * three say done.
 */
import { SchemaFenceError, UnknownShardError } from '@noy-db/hub'
import type { Vault } from '@noy-db/hub/kernel'
import type { LongWork, Transaction } from '@noy-db/hub'
import type { GroupCore } from '../group-core.ts'
import { isMissingAccess } from '../missing-access.ts'
import { shardVaultId } from '../names.ts'
import type { StateManagementVault } from '../registry/state-management-vault.ts'
import type { MigrationStatusRow } from '../registry/types.ts'
import type { VaultRegistryRow } from '../types.ts'
import { assertReadsAll } from './access.ts'
import { generationOf, recordsMigratedSince } from './cutover.ts'
import { baseRow, earlierAttempts, isDone } from './status-rows.ts'

/**
 * The last status row. A failed cutover is a status, not an error; so is one that waits for somebody with access or for another
 * session. Who asks while it runs is told of that run. @throws UnknownShardError
 */
export async function migrateShard(
  group: GroupCore,
  key: string,
  work: LongWork = {},
): Promise<MigrationStatusRow> {
  const vaultId = shardVaultId(group.name, key)
  let running = group.migrations.get(vaultId)
  if (running === undefined) {
    running = migrate(group, vaultId, key, work).finally(() => group.migrations.delete(vaultId))
    group.migrations.set(vaultId, running)
  }
  return running
}

async function migrate(
  group: GroupCore,
  vaultId: string,
  key: string,
  work: LongWork,
): Promise<MigrationStatusRow> {
  const row = await group.registry.get(vaultId)
  if (row === null || row.status === 'removed') throw new UnknownShardError(key, group.name)
  try {
    const state = await group.state()
    const before = await state.getMigrationStatus(row.vaultId)
    if (row.schemaVersion >= group.template.version) return await alreadyThere(group, state, row, before)
    return await new ShardMigration(group, state, row, before).run(work)
  } catch (error) {
    // Not even the control plane takes what this user has to say.
    if (isMissingAccess(error)) return { ...baseRow(group, row), ...WAITING_FOR_ACCESS }
    throw error
  }
}

const WAITING_FOR_ACCESS = { status: 'pending', phase: 'waiting for access' } as const

/** A finished row keeps what it says; one that a crash left unfinished is finished. */
async function alreadyThere(
  group: GroupCore,
  state: StateManagementVault,
  row: VaultRegistryRow,
  before: MigrationStatusRow | null,
): Promise<MigrationStatusRow> {
  const { version } = group.template
  if (isDone(before, version)) return before
  const done: MigrationStatusRow = {
    migrated: 0,
    ...earlierAttempts(before, version),
    ...baseRow(group, row),
    status: 'done',
    finishedAt: Date.now(),
  }
  await state.upsertMigrationStatus(done)
  return done
}

class ShardMigration {
  readonly #group: GroupCore
  readonly #state: StateManagementVault
  readonly #row: VaultRegistryRow
  readonly #earlier: ReturnType<typeof earlierAttempts>

  constructor(
    group: GroupCore,
    state: StateManagementVault,
    row: VaultRegistryRow,
    before: MigrationStatusRow | null,
  ) {
    this.#group = group
    this.#state = state
    this.#row = row
    this.#earlier = earlierAttempts(before, group.template.version)
  }

  async run(work: LongWork): Promise<MigrationStatusRow> {
    const opened = await this.#open()
    if (opened instanceof Error && isMissingAccess(opened))
      return this.#settle(this.#base(WAITING_FOR_ACCESS))
    const from = opened instanceof Error ? undefined : await generationOf(opened)
    const running: MigrationStatusRow = {
      ...this.#base({ status: 'running', phase: 'cutover', startedAt: Date.now() }),
      ...this.#earlier,
      attempts: (this.#earlier.attempts ?? 0) + 1,
      ...(from !== undefined && { fromGeneration: this.#earlier.fromGeneration ?? from }),
    }
    await this.#write(running, 'migration-started')
    try {
      if (opened instanceof Error) throw opened
      await opened.runSchemaCutover(work)
      const migrated = await recordsMigratedSince(opened, running.fromGeneration ?? 0)
      return await this.#finish({ ...running, migrated })
    } catch (error) {
      return this.#end(running, error)
    }
  }

  async #open(): Promise<Vault | Error> {
    try {
      const vault = await this.#group.open(this.#row)
      assertReadsAll(vault, this.#group.template)
      return vault
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error), { cause: error })
    }
  }

  #finish({ phase: _phase, ...running }: MigrationStatusRow): Promise<MigrationStatusRow> {
    const { targetVersion: currentVersion } = running
    const done = { ...running, status: 'done', currentVersion, finishedAt: Date.now() } as const
    return this.#settle(done, 'migration-completed')
  }

  #end({ phase: _phase, ...running }: MigrationStatusRow, error: unknown): Promise<MigrationStatusRow> {
    if (isMissingAccess(error)) return this.#settle({ ...running, ...WAITING_FOR_ACCESS })
    if (error instanceof SchemaFenceError && error.leaseUntil !== undefined) {
      const waitingUntil = Date.parse(error.leaseUntil)
      return this.#settle({
        ...running,
        status: 'pending',
        phase: 'waiting for another session',
        waitingUntil,
      })
    }
    const message = error instanceof Error ? error.message : String(error)
    const failed = { ...running, status: 'failed', error: message, finishedAt: Date.now() } as const
    return this.#settle(failed, 'migration-failed', message)
  }

  /** Unless another session has finished the shard since: then its word stands. */
  async #settle(
    status: MigrationStatusRow,
    event?: 'migration-completed' | 'migration-failed',
    detail?: string,
  ): Promise<MigrationStatusRow> {
    let settled = status
    await this.#state._transaction('shards.migrate', async (tx, append) => {
      const stored = await this.#state._migrationStatus(this.#row.vaultId)
      const byAnother = isDone(stored?.record ?? null, status.targetVersion) ? stored?.record : undefined
      settled = byAnother ?? status
      if (settled.status === 'done') await this.#advance(tx)
      if (byAnother !== undefined) return
      this.#state._putMigrationStatus(tx, status, stored?.metadata.version ?? 0)
      if (event !== undefined) append({ ...this.#event(event), ...(detail !== undefined && { detail }) })
    })
    return settled
  }

  async #advance(tx: Transaction): Promise<void> {
    const { registry, template } = this.#group
    const stored = await registry.collection.entry(this.#row.vaultId)
    if (stored !== null && stored.record.schemaVersion >= template.version) return
    const row = { ...(stored?.record ?? this.#row), schemaVersion: template.version }
    await registry.put(tx, row, stored?.metadata.version ?? 0)
  }

  #write(status: MigrationStatusRow, event: 'migration-started'): Promise<void> {
    return this.#state._transaction(`shards.${event}`, (tx, append) => {
      this.#state._putMigrationStatus(tx, status)
      append(this.#event(event))
    })
  }

  #base<S extends Partial<MigrationStatusRow>>(status: S) {
    return { ...baseRow(this.#group, this.#row), ...this.#earlier, ...status }
  }

  #event<T extends string>(type: T) {
    const { vaultId } = this.#row
    return { type, group: this.#group.name, vaultId, version: this.#group.template.version }
  }
}
