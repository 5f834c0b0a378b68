/** A firm for tests: a real engine with cheap keys, a group of clients, and stores that fail where they are told to. */
import { createNoydb, ref, type Noydb, type NoydbOptions, type NoydbStore } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { CHEAP_KDF } from '../fixture-office.ts'
import { Lobby } from '../lobby.ts'
import type { ShardingConfig, VaultGroupOptions, VaultTemplate } from './types.ts'
import type { VaultGroup } from './vault-group.ts'

export interface Bill {
  readonly client: string
  readonly net: number
  readonly partner?: string
  readonly currency?: string
  readonly month?: string
}

export const books: VaultTemplate = {
  version: 1,
  configure(vault) {
    vault.collection('bills', { refs: { partner: ref('partners', 'warn') } })
    vault.collection('partners')
  },
}

export interface Firm {
  readonly store: NoydbStore
  readonly db: Noydb
  readonly lobby: Lobby
  readonly group: VaultGroup<Bill>
}

export interface FirmOptions extends Partial<NoydbOptions> {
  readonly template?: VaultTemplate
  readonly sharding?: Partial<ShardingConfig<Bill>>
  readonly group?: Partial<VaultGroupOptions<Bill>>
}

export async function openDb(store: NoydbStore, options: Partial<NoydbOptions> = {}): Promise<Noydb> {
  return createNoydb({ store, user: 'ann', secret: 'correct horse', kdf: CHEAP_KDF, ...options })
}

export async function openFirm(options: FirmOptions = {}): Promise<Firm> {
  const { store = memory(), template = books, sharding, group: groupOptions, ...session } = options
  const db = await openDb(store, session)
  const lobby = new Lobby(db)
  lobby.withVaultTemplate('books', template)
  const group = await lobby.openVaultGroup<Bill>('firm', {
    sharding: { keyOf: ({ client }) => client, vaultTemplate: 'books', ...sharding },
    ...groupOptions,
  })
  return { store, db, lobby, group }
}

/** Bills `<client>-<n>` with net 1, 2, 3, … in each client's shard. */
export async function fillFirm({ group }: Firm, counts: Readonly<Record<string, number>>): Promise<void> {
  const rows = Object.entries(counts).flatMap(([client, count]) =>
    Array.from({ length: count }, (_, at) => ({
      id: `${client}-${at + 1}`,
      record: { client, net: at + 1 },
    })),
  )
  for (const client of Object.keys(counts)) await group.createShard(client)
  await group.collection('bills').putMany(rows)
}

type Call = 'get' | 'put' | 'list' | 'listPage' | 'getMany' | 'tx'
type Fails = (call: Call, vault: string, collection: string) => boolean

/** Fails the calls that `fails` names, as a broken disk would. */
export function failingStore(inner: NoydbStore, fails: Fails): NoydbStore {
  const check = (call: Call, vault: string, collection: string): void => {
    if (fails(call, vault, collection)) throw new Error(`disk: ${call} ${vault}/${collection}`)
  }
  return new Proxy(inner, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return async (...args: unknown[]): Promise<unknown> => {
        if (name === 'tx')
          for (const op of args[0] as { vault: string; collection: string }[])
            check('tx', op.vault, op.collection)
        else check(name as Call, String(args[0]), String(args[1]))
        return Reflect.apply(member, target, args) as unknown
      }
    },
  })
}
