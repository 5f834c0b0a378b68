import { afterEach, describe, expect, it } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StoreCapabilityError, UnknownShardError, type NoydbStore } from '@noy-db/hub'
import type { Vault } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { sqliteStore } from '@noy-db/to-sqlite'
import { failingStore, fillFirm, openFirm, type Firm } from '../fixture-firm.ts'

const cleanups: Array<() => unknown> = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

async function sqlite(): Promise<NoydbStore> {
  const folder = mkdtempSync(join(tmpdir(), 'routed-'))
  const store = await sqliteStore({ file: join(folder, 'workspace.db'), durability: 'normal' })
  cleanups.push(
    () => store.close(),
    () => rmSync(folder, { recursive: true, force: true }),
  )
  return store
}

/** Ids by client, in the stores themselves. */
async function idsIn({ group, store }: Firm): Promise<Record<string, string[]>> {
  const rows = await group.allRows()
  const ids = await Promise.all(rows.map(({ vaultId }) => store.list(vaultId, 'bills')))
  return Object.fromEntries(rows.map(({ partitionKey }, at) => [partitionKey, [...(ids[at] ?? [])].sort()]))
}

const rows = (...pairs: [id: string, client: string][]) =>
  pairs.map(([id, client]) => ({ id, record: { client, net: 1 } }))

const stores: Array<[name: string, make: () => NoydbStore | Promise<NoydbStore>]> = [
  ['memory', memory],
  ['sqlite', sqlite],
]

describe.each(stores)('routed writes on %s', (_name, make) => {
  it('find or make the shard, and carry reason and provenance', async () => {
    const template = {
      version: 1,
      configure: (vault: Vault) => void vault.collection('bills', { provenance: true }),
    }
    const firm = await openFirm({ store: await make(), template, history: true, audit: true })
    const bills = firm.group.collection('bills')
    await bills.put('b1', { client: 'acme', net: 1 }, { reason: 'bank file', source: 'bank' })
    const shard = await firm.group.shard('acme')
    expect(await shard.collection('bills').getMetadata('b1')).toMatchObject({ version: 1, source: 'bank' })
    expect(await shard.audit.list()).toMatchObject([{ reason: 'bank file', changes: [{ id: 'b1' }] }])
    await expect(bills.put('b1', { client: 'acme', net: 2 }, { expectedVersion: 0 })).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    await expect(bills.put('b1', { client: 'not safe', net: 2 })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
    })
  })

  it('make no shard where that is switched off', async () => {
    const firm = await openFirm({ store: await make(), sharding: { autoCreate: false } })
    await expect(firm.group.collection('bills').put('b', { client: 'acme', net: 1 })).rejects.toThrow(
      UnknownShardError,
    )
    expect(await firm.group.allRows()).toEqual([])
  })

  it('putMany is one transaction over all shards, or one for each', async () => {
    const inner = await make()
    let broken = ''
    const store = failingStore(inner, (call, vault) => call === 'tx' && vault === broken)
    const firm = await openFirm({ store })
    for (const key of ['a', 'b', 'c']) await firm.group.createShard(key)
    broken = 'firm--b'
    const bills = firm.group.collection('bills')
    const some = rows(['1', 'a'], ['2', 'b'], ['3', 'c'], ['4', 'a'])
    await expect(bills.putMany(some)).rejects.toThrow('disk')
    expect(await idsIn(firm)).toEqual({ a: [], b: [], c: [] })
    const report = await bills.putMany(some, { atomic: 'shard' })
    expect(report).toMatchObject({
      written: 3,
      failed: [
        {
          partitionKey: 'b',
          rows: 1,
          error: { message: expect.stringMatching(/^disk: tx firm--b/) as string },
        },
      ],
    })
    expect(await idsIn(firm)).toEqual({ a: ['1', '4'], b: [], c: ['3'] })
    broken = ''
    expect(await bills.putMany(some)).toEqual({ written: 4, failed: [] })
  })

  it('moving a record leaves no second copy', async () => {
    const firm = await openFirm({ store: await make() })
    await fillFirm(firm, { a: 2, b: 1 })
    await firm.group.collection('bills').move('a-1', { client: 'b', net: 7 }, 'a')
    expect(await idsIn(firm)).toEqual({ a: ['a-2'], b: ['a-1', 'b-1'] })
    await firm.group.collection('bills').move('a-1', { client: 'b', net: 8 }, 'b')
    expect(await idsIn(firm)).toEqual({ a: ['a-2'], b: ['a-1', 'b-1'] })
  })

  it('with unique ids a put under another key is a move; without, both copies are meant', async () => {
    const store = await make()
    const firm = await openFirm({ store, sharding: { uniqueIds: true } })
    await fillFirm(firm, { a: 2, b: 1 })
    const bills = firm.group.collection('bills')
    await bills.put('a-1', { client: 'b', net: 9 })
    await bills.putMany(rows(['a-2', 'c'], ['b-1', 'c'], ['new', 'a']))
    expect(await idsIn(firm)).toEqual({ a: ['new'], b: ['a-1'], c: ['a-2', 'b-1'] })
    const plain = await openFirm({ store })
    await plain.group.collection('bills').put('a-1', { client: 'a', net: 9 })
    expect(await idsIn(plain)).toEqual({ a: ['a-1', 'new'], b: ['a-1'], c: ['a-2', 'b-1'] })
  })

  it('an aborted putMany writes nothing', async () => {
    const firm = await openFirm({ store: await make() })
    await firm.group.createShard('a')
    const stop = new AbortController()
    stop.abort(new Error('stopped'))
    await expect(
      firm.group.collection('bills').putMany(rows(['1', 'a']), { signal: stop.signal }),
    ).rejects.toThrow('stopped')
    expect(await idsIn(firm)).toEqual({ a: [] })
  })
})

it('one transaction over all shards needs a store that has them', async () => {
  const { tx: _tx, ...bare } = memory()
  const firm = await openFirm({ store: bare })
  const bills = firm.group.collection('bills')
  await expect(bills.putMany(rows(['1', 'a']), { atomic: 'all' })).rejects.toThrow(StoreCapabilityError)
  expect(await bills.putMany(rows(['1', 'a'], ['2', 'b']))).toEqual({ written: 2, failed: [] })
})
