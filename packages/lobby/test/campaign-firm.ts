/** A firm of several clients over a file, for campaigns that die. */
import { createNoydb, type NoydbStore } from '@noy-db/hub'
import { sqliteStore, type SqliteStore } from '@noy-db/to-sqlite'
import { createLobby, type Campaigns, type Lobby, type VaultGroup } from '../src/index.ts'
import { templates, type Bill } from './migration-firm.ts'

export interface CampaignFirm {
  readonly lobby: Lobby
  readonly group: VaultGroup<Bill>
  readonly campaigns: Campaigns
  close(): Promise<void>
}

export interface OpenOptions {
  readonly version: 1 | 2
  /** Milliseconds its clocks are ahead. */
  readonly later?: number
  /** Pages the file may grow before the disk is full. */
  readonly growthPages?: number
  readonly wrap?: (store: SqliteStore) => NoydbStore
}

export async function openCampaignFirm(
  file: string,
  { version, later = 0, growthPages, wrap = (store) => store }: OpenOptions,
): Promise<CampaignFirm> {
  const faults = growthPages === undefined ? {} : { faults: { growthPages } }
  const store = await sqliteStore({ file, durability: 'normal', ...faults })
  const clock = (): number => Date.now() + later
  const kdf = { memoryKiB: 8, passes: 1, parallelism: 1 }
  const own = { store: wrap(store), user: 'ann', secret: 'correct horse', kdf, clock }
  const db = await createNoydb({ ...own, history: true, audit: true })
  const lobby = createLobby(db)
  lobby.withVaultTemplate('books', templates[version])
  const sharding = { keyOf: ({ client }: Bill) => client, vaultTemplate: 'books' }
  const group = await lobby.openVaultGroup<Bill>('firm', { sharding })
  return {
    lobby,
    group,
    campaigns: group.campaign({ clock }),
    async close() {
      db.close()
      await store.close()
    },
  }
}
