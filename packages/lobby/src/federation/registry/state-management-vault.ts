/** The control plane: registry, manifests, deployment log, migration status and surfaces in one reserved vault. */
import { STATE_VAULT_NAME, ConflictError, type RecordEntry, type Transaction } from '@noy-db/hub'
import type { Collection, Noydb, Query, Vault } from '@noy-db/hub/kernel'
import { LobbyError } from '../../errors.ts'
import { StateRows } from '../../state-rows.ts'
import { isMissingAccess } from '../missing-access.ts'
import type { VaultRegistryRow, VaultTemplate } from '../types.ts'
import { EventLog, type Append, type EventLogReport, type NewEvent } from './event-log.ts'
import { ensureManifest, hasDrifted, manifestId, manifestOf, type ManifestState } from './manifest.ts'
import type { DeploymentEvent, MigrationStatusRow, SchemaManifestRow, SurfaceRow } from './types.ts'

const ATTEMPTS = 20

export class StateManagementVault {
  readonly registry: Collection<VaultRegistryRow>
  readonly schemaManifest: Collection<SchemaManifestRow>
  readonly #vault: Vault
  readonly #log: EventLog
  readonly #logFailure: Error | null
  readonly #migrations: Collection<MigrationStatusRow>
  readonly #surfaces: Collection<SurfaceRow>
  readonly #storedSurfaces: StateRows<SurfaceRow>

  private constructor(vault: Vault, log: EventLog, logFailure: Error | null) {
    this.registry = vault.collection<VaultRegistryRow>('vaultRegistry')
    this.schemaManifest = vault.collection<SchemaManifestRow>('schemaManifest')
    this.#vault = vault
    this.#log = log
    this.#logFailure = logFailure
    this.#migrations = vault.collection<MigrationStatusRow>('migrationStatus')
    this.#surfaces = vault.collection<SurfaceRow>('surfaces')
    this.#storedSurfaces = new StateRows(vault, this.#surfaces.name)
  }

  /** Opens it, creating it where there is none, and reads the deployment log. */
  static async open(db: Noydb): Promise<StateManagementVault> {
    const vault = await db.openVault(STATE_VAULT_NAME)
    const log = new EventLog(db, vault)
    return new StateManagementVault(vault, log, await log.hydrate())
  }

  getMigrationStatus(vaultId: string): Promise<MigrationStatusRow | null> {
    return this.#migrations.get(vaultId)
  }

  listMigrationStatus(): Promise<MigrationStatusRow[]> {
    return this.#migrations.list()
  }

  /** Replaces the row. */
  upsertMigrationStatus(row: MigrationStatusRow): Promise<void> {
    return this.#migrations.put(row.vaultId, row)
  }

  /** An existing row of that id is replaced. */
  createSurface(row: SurfaceRow): Promise<void> {
    return this.#surfaces.put(row.id, row)
  }

  /** As it is stored now: another session may have changed it. */
  async getSurface(id: string): Promise<SurfaceRow | null> {
    return (await this.#storedSurfaces.get(id))?.row ?? null
  }

  listSurfaces(): Promise<SurfaceRow[]> {
    return this.#storedSurfaces.list()
  }

  /** Shallow merge over the row as it stands, also when somebody else changes it meanwhile. @throws LobbyError SURFACE_NOT_FOUND */
  async updateSurface(id: string, patch: Partial<SurfaceRow>): Promise<SurfaceRow> {
    for (let attempt = 1; ; attempt += 1) {
      const stored = await this.#storedSurfaces.get(id)
      if (stored === null) throw new LobbyError('SURFACE_NOT_FOUND', `There is no surface ${id}.`)
      const merged = { ...stored.row, ...patch }
      try {
        await this.#surfaces.put(id, merged, { expectedVersion: stored.version })
        return merged
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error
      }
    }
  }

  /** Over the whole log, earlier sessions included. @throws what reading the log threw */
  queryEvents(): Query<DeploymentEvent> {
    if (this.#logFailure !== null) throw this.#logFailure
    return this.#log.query()
  }

  /** The actor is this session's user unless one is given. */
  appendEvent(event: Omit<DeploymentEvent, 'id' | 'ts'> & { ts?: number }): Promise<void> {
    return this.#log.transaction('events.append', (_tx, append) => append(withoutChain(event)))
  }

  /** Whether the log is as it was written. */
  verifyEvents(): Promise<EventLogReport> {
    return this.#log.verify()
  }

  /** Overwrites the row of this name and version. Returns the fingerprint. */
  async recordManifest(templateName: string, template: VaultTemplate): Promise<string> {
    const row = manifestOf(templateName, template)
    await this.schemaManifest.put(manifestId(templateName, template.version), row)
    return row.fingerprint
  }

  async detectDrift(templateName: string, template: VaultTemplate): Promise<boolean> {
    const stored = await this.schemaManifest.get(manifestId(templateName, template.version))
    return stored === null || hasDrifted(stored, manifestOf(templateName, template))
  }

  /** @internal Records the manifest of a template seen for the first time; a differing one stays as it is. */
  _ensureManifest(templateName: string, template: VaultTemplate): Promise<ManifestState> {
    return ensureManifest(this.schemaManifest, templateName, template)
  }

  /** @internal Rows and their events in one transaction. */
  _transaction(
    command: string,
    work: (tx: Transaction, append: Append) => Promise<void> | void,
  ): Promise<void> {
    return this.#log.transaction(command, work)
  }

  /** @internal @throws ReadOnlyError, NoAccessError */
  _assertMayLog(): void {
    this.#log.assertMayAppend()
  }

  /** @internal */
  _mayLog(): boolean {
    try {
      this.#log.assertMayAppend()
      return true
    } catch (error) {
      if (isMissingAccess(error)) return false
      throw error
    }
  }

  /** @internal */
  get _vault(): Vault {
    return this.#vault
  }

  /** @internal With its version, to put another one in its place and in no other's. */
  _migrationStatus(vaultId: string): Promise<RecordEntry<MigrationStatusRow> | null> {
    return this.#migrations.entry(vaultId)
  }

  /** @internal */
  _putMigrationStatus(tx: Transaction, row: MigrationStatusRow, expectedVersion?: number): void {
    const options = expectedVersion === undefined ? {} : { expectedVersion }
    tx.put(this.#vault, this.#migrations.name, row.vaultId, row, options)
  }
}

/** The chain members are the log's to give. */
function withoutChain(event: NewEvent & Partial<DeploymentEvent>): NewEvent {
  const { id: _id, seq: _seq, previous: _previous, hash: _hash, ...given } = event
  return given
}
