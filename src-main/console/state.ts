/** The console's own rows in the state vault. The engine keeps others there: identity, senders, journal, conflict index. */
import type { CollectionApi, NoydbApi, VaultApi } from '@noy-db/hub'
import { STATE_VAULT_NAME } from '@noy-db/hub'
import type { Strictness } from '../../src-shared/ipc/common.ts'
import type { Settings } from '../../src-shared/ipc/system.ts'
import type { Profile } from './profile.ts'

/** Shaped as the engine's registry row. */
export interface RegistryRow {
  readonly vaultId: string
  readonly partitionKey: string
  readonly templateName: string
  readonly schemaVersion: number
  readonly createdAt: number
  readonly group: string
}

export interface ClientNameRow {
  readonly name: string
}

/** One bundle made for somebody. */
export interface ExportRow {
  readonly party: string
  readonly vaults: readonly string[]
  readonly records: number
  readonly sequence: number
  readonly at: string
  readonly actor: string
}

/** One file of records in clear. */
export interface TableExportRow {
  readonly format: string
  readonly vaults: readonly string[]
  readonly collections: readonly string[]
  /** What records were searched for; empty = all. */
  readonly search: string
  readonly records: number
  readonly at: string
  readonly actor: string
}

/** A template that a person imported; its row's id is its name. */
export interface ImportedTemplate {
  readonly version: number
  /** The file, as it came. */
  readonly text: string
  readonly importedAt: string
}

/** What a compartment's handle went into, so that the next bundle suggests it. */
export interface RouteRow {
  readonly vaultId: string
}

/** How strictly each collection of a client is merged; its row's id is the client's vault. */
export type StrictnessRow = Readonly<Record<string, Strictness>>

/** What an agreement is about here; the engine knows no clients. */
export interface AgreementClientRow {
  readonly vaultId: string
  /** Folder that deliveries are put into when they are due; absent = a person makes them. */
  readonly outbox?: string
}

/** The newest change of passphrase or recovery code. */
export interface LockChangeRow {
  readonly command: string
  readonly at: string
}

export interface ConsoleState {
  readonly vault: VaultApi
  readonly registry: CollectionApi<RegistryRow>
  readonly clients: CollectionApi<ClientNameRow>
  readonly exports: CollectionApi<ExportRow>
  readonly tableExports: CollectionApi<TableExportRow>
  readonly routes: CollectionApi<RouteRow>
  readonly strictness: CollectionApi<StrictnessRow>
  readonly templates: CollectionApi<ImportedTemplate>
  readonly agreements: CollectionApi<AgreementClientRow>
  readonly settings: CollectionApi<Settings>
  readonly profile: CollectionApi<Profile>
  readonly lockChanges: CollectionApi<LockChangeRow>
}

export async function openConsoleState(db: NoydbApi, create: boolean): Promise<ConsoleState> {
  const vault = await db.openVault(STATE_VAULT_NAME, { create })
  return {
    vault,
    registry: vault.collection('vaultRegistry'),
    clients: vault.collection('clients'),
    exports: vault.collection('exports'),
    tableExports: vault.collection('tableExports'),
    routes: vault.collection('importRoutes'),
    strictness: vault.collection('importStrictness'),
    templates: vault.collection('templates'),
    agreements: vault.collection('agreementClients'),
    settings: vault.collection('settings'),
    profile: vault.collection('profile'),
    lockChanges: vault.collection('lockChanges'),
  }
}
