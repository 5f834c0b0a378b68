/** One client's shard over a file, and two versions of its template; where the hub cuts over, the second one rewrites the records. */
import * as hub from '@noy-db/hub'
import { sqliteStore, type SqliteStore } from '@noy-db/to-sqlite'
import { z } from 'zod'
import { createLobby, type Lobby, type VaultGroup, type VaultTemplate } from '../src/index.ts'

export interface Bill extends Record<string, unknown> {
  readonly client: string
}

type Cutover = (options: {
  transform: (doc: Record<string, unknown>) => Record<string, unknown>
}) => hub.SchemaUpdateStrategy

const cutover = (hub as Record<string, unknown>)['coordinatedCutover'] as Cutover | undefined // of hubs that persist schemas

export const cutsOver = cutover !== undefined

type Body = hub.StandardSchemaV1<unknown, Record<string, unknown>>
const oldBill: Body = z.object({ client: z.string(), net: z.number() })
const newBill: Body = z.object({ client: z.string(), netMinor: z.number() })

export const templates: Readonly<Record<1 | 2, VaultTemplate>> = {
  1: {
    version: 1,
    configure: (vault) =>
      void vault.collection('bills', {
        schema: oldBill,
        persistJsonSchema: cutsOver,
      }),
  },
  2: {
    version: 2,
    configure: (vault) =>
      void vault.collection('bills', {
        schema: cutsOver ? newBill : oldBill,
        persistJsonSchema: cutsOver,
        // Twice the same would show: 100 times the value again.
        ...(cutover && {
          schemaUpdate: [
            cutover({
              transform: ({ net, netMinor, ...rest }) => ({
                ...rest,
                netMinor: Number(net ?? netMinor) * 100,
              }),
            }),
          ],
        }),
      }),
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
  {
    wrap = (store) => store,
    later = 0,
  }: { wrap?: (store: SqliteStore) => hub.NoydbStore; later?: number } = {},
): Promise<MigrationFirm> {
  const store = await sqliteStore({ file, durability: 'normal' })
  const kdf = { memoryKiB: 8, passes: 1, parallelism: 1 }
  const db = await hub.createNoydb({
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
