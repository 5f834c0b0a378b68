/** One client's shard over a file, and two versions of its template; the second one rewrites the records. */
import { coordinatedCutover, createNoydb, type NoydbStore, type StandardSchemaV1 } from '@noy-db/hub'
import { sqliteStore, type SqliteStore } from '@noy-db/to-sqlite'
import { z } from 'zod'
import { createLobby, type Lobby, type VaultGroup, type VaultTemplate } from '../src/index.ts'

export interface Bill extends Record<string, unknown> {
  readonly client: string
}

type Body = StandardSchemaV1<unknown, Record<string, unknown>>
const oldBill: Body = z.object({ client: z.string(), net: z.number() })
const newBill: Body = z.object({ client: z.string(), netMinor: z.number() })

// Twice the same would show: 100 times the value again.
const toMinor = coordinatedCutover({
  transform: ({ net, netMinor, ...rest }) => ({ ...rest, netMinor: Number(net ?? netMinor) * 100 }),
})

export const templates: Readonly<Record<1 | 2, VaultTemplate>> = {
  1: {
    version: 1,
    configure: (vault) => void vault.collection('bills', { schema: oldBill, persistJsonSchema: true }),
  },
  2: {
    version: 2,
    configure: (vault) =>
      void vault.collection('bills', { schema: newBill, persistJsonSchema: true, schemaUpdate: [toMinor] }),
  },
}

export interface MigrationFirm {
  readonly store: SqliteStore
  readonly lobby: Lobby
  readonly group: VaultGroup<Bill>
  close(): Promise<void>
}

/** `later`: milliseconds its clock is ahead. */
export async function openMigrationFirm(
  file: string,
  version: 1 | 2,
  { wrap = (store) => store, later = 0 }: { wrap?: (store: SqliteStore) => NoydbStore; later?: number } = {},
): Promise<MigrationFirm> {
  const store = await sqliteStore({ file, durability: 'normal' })
  const kdf = { memoryKiB: 8, passes: 1, parallelism: 1 }
  const db = await createNoydb({
    store: wrap(store),
    user: 'ann',
    secret: 'correct horse',
    kdf,
    history: true,
    audit: true,
    clock: () => Date.now() + later,
  })
  const lobby = createLobby(db)
  lobby.withVaultTemplate('books', templates[version])
  const sharding = { keyOf: ({ client }: Bill) => client, vaultTemplate: 'books' }
  const group = await lobby.openVaultGroup<Bill>('firm', { sharding })
  return {
    store,
    lobby,
    group,
    async close() {
      db.close()
      await store.close()
    },
  }
}
