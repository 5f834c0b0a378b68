/** Work in proportion to what is touched: what a group of 200 shards asks its store for. */
import { createNoydb, type Noydb, type NoydbStore, type TxOp } from '@noy-db/hub'
import type { Reducer } from '@noy-db/hub/aggregate'
import { memory } from '@noy-db/hub/memory'
import { countDerivations } from '@noy-db/hub/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { createLobby, type VaultGroup, type VaultRegistryRow } from '../src/index.ts'

const SHARDS = 200
const ROWS = 5
const keys = Array.from({ length: SHARDS }, (_, at) => `c${String(at).padStart(3, '0')}`)

interface Bill {
  readonly client: string
  readonly net: number
  readonly status: string
}

interface Call {
  readonly method: string
  readonly vault: string
  readonly collection: string
  /** Ids asked for, rows given, or rows written. */
  readonly rows: number
}

/** Notes what the store is asked for. */
function noting(inner: NoydbStore): { store: NoydbStore; calls(): Call[] } {
  let noted: Call[] = []
  const store = new Proxy(inner, {
    get(target, method) {
      const member: unknown = Reflect.get(target, method)
      if (typeof member !== 'function') return member
      return async (...args: unknown[]): Promise<unknown> => {
        const result: unknown = await Reflect.apply(member, target, args)
        noted.push(...callsOf(String(method), args, result))
        return result
      }
    },
  })
  return {
    store,
    calls() {
      const before = noted
      noted = []
      return before
    },
  }
}

function callsOf(method: string, args: readonly unknown[], result: unknown): Call[] {
  if (method === 'tx') {
    const ops = args[0] as readonly TxOp[] // as the store's interface has it
    return [{ method, vault: '', collection: '', rows: ops.length }]
  }
  const [vault, collection, third] = args
  const given = (result as { items?: unknown[] } | null)?.items ?? (Array.isArray(third) ? third : [third])
  return [{ method, vault: String(vault), collection: String(collection), rows: given.length }]
}

interface Firm {
  readonly db: Noydb
  readonly group: VaultGroup<Bill>
}

interface FirmOptions {
  readonly large?: boolean
}

/** Its registry is never kept in memory, so that every look at it is seen. */
async function openFirm(store: NoydbStore, { large = false }: FirmOptions = {}): Promise<Firm> {
  const db = await createNoydb({
    store,
    user: 'ann',
    secret: 'correct horse',
    kdf: { memoryKiB: 8, passes: 1, parallelism: 1 },
  })
  const control = await db.openVault('control')
  const registry = control.collection<VaultRegistryRow>('shards', { large: true })
  const lobby = createLobby(db)
  lobby.withVaultTemplate('books', {
    version: 1,
    configure: (vault) => void vault.collection('bills', { large, indexes: ['status'] }),
  })
  const sharding = { keyOf: ({ client }: Bill) => client, vaultTemplate: 'books' }
  return { db, group: await lobby.openVaultGroup<Bill>('firm', { registry, sharding }) }
}

/** Two rows of 200 shards are open, the rest is paid. */
function billsOf(client: string, shard: number): Array<{ id: string; record: Bill }> {
  return Array.from({ length: ROWS }, (_, at) => ({
    id: `${client}-${at}`,
    record: { client, net: at, status: at === 0 && shard % 100 === 7 ? 'open' : 'paid' },
  }))
}

const inner = memory()

beforeAll(async () => {
  const { group } = await openFirm(inner, { large: true })
  for (const key of keys) await group.createShard(key)
  await group.collection('bills').putMany(keys.flatMap(billsOf))
  // The first query builds what the index needs of rows that were written before it was declared; here there are none.
  await group.collection('bills').query().where('status', '==', 'none').toArray()
})

const inShards = (calls: readonly Call[]): Call[] => calls.filter(({ vault }) => vault.startsWith('firm--'))
const inRegistry = (calls: readonly Call[]): Call[] =>
  calls.filter(({ vault, collection }) => vault === 'control' && collection === 'shards')

/** Vaults whose records were read. */
function readVaults(calls: readonly Call[]): string[] {
  return [...new Set(calls.filter(({ collection }) => collection === 'bills').map(({ vault }) => vault))]
}

describe('a group of 200 shards', () => {
  it('opens all of them with one key derivation', async () => {
    const before = countDerivations()
    const { group } = await openFirm(inner)
    await Promise.all(keys.map((key) => group.openShard(key)))
    expect(countDerivations() - before).toBe(1)
  })

  it.each([false, true])('follows one write by reading one shard (large: %s)', async (large) => {
    const { store, calls } = noting(inner)
    const { group } = await openFirm(store, { large })
    const bills = group.collection('bills')
    const rows = bills.query().where('status', '==', 'open').live()
    const total = bills.query().aggregate({ rows: counting().reducer }).live()
    await Promise.all([rows.ready, total.ready])
    const shard = await group.openShard('c042')
    calls()
    for (const status of ['open', 'paid']) {
      const told = new Promise<void>((resolve) => rows.subscribe(resolve))
      await shard.collection('bills').put('c042-1', { client: 'c042', net: 1, status })
      await told
    }
    const after = calls()
    expect(new Set(inShards(after).map(({ vault }) => vault))).toEqual(new Set(['firm--c042']))
    const looks = inRegistry(after)
    expect(looks.every(({ method, rows: asked }) => method === 'get' && asked === 1)).toBe(true)
    expect(looks.length).toBeLessThanOrEqual(4) // two live results, two writes
    rows.stop()
    total.stop()
  })

  it('finds two rows by a declared index without reading the others', async () => {
    const { store, calls } = noting(inner)
    const { group } = await openFirm(store, { large: true })
    const query = group.collection('bills').query().where('status', '==', 'open')
    await query.toArray()
    calls()
    const { results } = await query.toArray()
    expect(results.map(({ client }) => client)).toEqual(['c007', 'c107'])
    const read = calls().filter(({ collection, method }) => collection === 'bills' && method !== 'list')
    expect(read.reduce((sum, { rows }) => sum + rows, 0)).toBe(2)
  })

  it('aggregates in one state for each shard', async () => {
    const { group } = await openFirm(inner, { large: true })
    const states = counting()
    const { result } = await group.collection('bills').query().aggregate({ rows: states.reducer }).run()
    expect(result).toEqual({ rows: SHARDS * ROWS })
    expect(states.made).toBe(SHARDS + 1) // and one they are merged into
  })

  it('writes rows of all shards in one transaction, or in one for each', async () => {
    const { store, calls } = noting(memory())
    const { group } = await openFirm(store)
    const some = keys.slice(0, 20)
    for (const key of some) await group.createShard(key)
    const transactions = (): Call[] => calls().filter(({ method }) => method === 'tx')
    await group.collection('bills').putMany(some.flatMap(billsOf)) // mints the keys of the collections
    calls()
    await group.collection('bills').putMany(some.flatMap(billsOf))
    expect(transactions()).toHaveLength(1)
    await group.collection('bills').putMany(some.flatMap(billsOf), { atomic: 'shard' })
    expect(transactions()).toHaveLength(20)
  })

  it('routes one record without looking at the other shards', async () => {
    const { store, calls } = noting(inner)
    const { group } = await openFirm(store, { large: true })
    await group.openShard('c003')
    calls()
    await group.collection('bills').put('c003-0', { client: 'c003', net: 1, status: 'paid' })
    const made = calls()
    expect(made.filter(({ method }) => method === 'tx')).toHaveLength(1)
    expect(inRegistry(made)).toEqual([]) // the row is at hand since the shard was opened
    expect(new Set(inShards(made).map(({ vault }) => vault))).toEqual(new Set(['firm--c003']))
    const read = made.filter(({ collection }) => collection === 'bills')
    expect(read.map(({ rows }) => rows)).toEqual([1]) // the version it replaces
  })

  it('reads no shard for a page that the first ones fill', async () => {
    const { store, calls } = noting(inner)
    const { group } = await openFirm(store, { large: true })
    calls()
    const { results } = await group
      .collection('bills')
      .query()
      .limit(ROWS * 2)
      .toArray()
    expect(results).toHaveLength(ROWS * 2)
    expect(readVaults(calls()).length).toBeLessThanOrEqual(3) // one more row tells that there are more
  })
})

/** A mergeable count that notes how many states were made. */
function counting(): { reducer: Reducer<number, { n: number }>; made: number } {
  const noted = {
    made: 0,
    reducer: {
      init: () => {
        noted.made += 1
        return { n: 0 }
      },
      step: (state: { n: number }) => ({ n: state.n + 1 }),
      merge: (left: { n: number }, right: { n: number }) => ({ n: left.n + right.n }),
      finalize: ({ n }: { n: number }) => n,
    },
  }
  return noted
}
