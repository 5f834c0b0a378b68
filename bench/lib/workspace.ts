/** Our side: the hub over the SQLite store in its default host, with a key derivation too cheap to be seen. */
import { createNoydb, type CollectionApi, type Noydb, type Vault } from '@noy-db/hub'
import { sqliteStore, type SqliteStore } from '@noy-db/to-sqlite'
import type { Durability } from './bench.ts'
import type { Invoice } from './invoices.ts'
import { recording, type PeerOp } from './recorded.ts'

export interface WorkspaceOptions {
  readonly file: string
  readonly durability?: Durability
  /** History and audit; the console always has both. */
  readonly kept?: boolean
  readonly large?: boolean
  readonly indexes?: string[]
  /** Where to note what is written. */
  readonly record?: (readonly PeerOp[])[]
  /** Office and user. */
  readonly user?: string
}

export interface Workspace {
  readonly db: Noydb
  readonly store: SqliteStore
  readonly vault: Vault
  readonly invoices: CollectionApi<Invoice>
  close(): Promise<void>
}

export const VAULT = 'client'
export const COLLECTION = 'invoices'
export const SECRET = 'correct horse battery staple'
export const CHEAP_KDF = { memoryKiB: 8, passes: 1, parallelism: 1 }

export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const {
    file,
    durability = 'NORMAL',
    kept = false,
    large = false,
    indexes = [],
    record,
    user = 'bench',
  } = options
  const store = await sqliteStore({ file, durability: durability === 'FULL' ? 'full' : 'normal' })
  const db = await createNoydb({
    store: record === undefined ? store : recording(store, record),
    user,
    secret: SECRET,
    history: kept,
    audit: kept,
    kdf: CHEAP_KDF,
  })
  const vault = await db.openVault(VAULT)
  const invoices = vault.collection<Invoice>(COLLECTION, { large, indexes, provenance: true })
  return { db, store, vault, invoices, close: () => closeBoth(db, store) }
}

async function closeBoth(db: Noydb, store: SqliteStore): Promise<void> {
  db.close()
  await store.close()
}
