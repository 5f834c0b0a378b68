/** Migrations that rewrite records: over real cutovers, with crashes, dead owners and writers in between. */
import { afterAll, describe, expect, it } from 'vitest'
import type { NoydbStore } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { createExpressionRunner } from '../../templates/runner/runner.ts'
import { compileTemplate } from '../../templates/compile.ts'
import { withTransforms } from '../../templates/migrating-template.ts'
import { parseTemplate } from '../../templates/parse.ts'
import { failingStore, fillFirm, openDb, openFirm, type Firm, type FirmOptions } from '../fixture-firm.ts'
import { billsAt, toVersion } from './fixture-cutover.ts'

const runner = createExpressionRunner()
afterAll(() => runner.close())

type Body = Record<string, unknown>

/** Shards a, b, c of version 1 with one to three bills, their schema stored. */
async function made(store: NoydbStore = memory()): Promise<NoydbStore> {
  const firm = await openFirm({ store, template: billsAt(1) })
  await fillFirm(firm, { a: 1, b: 2, c: 3 })
  for (const key of ['a', 'b', 'c']) await (await firm.group.shard(key))._drainPendingSchemaWrites()
  firm.db.close()
  return store
}

async function opened(store: NoydbStore, options: FirmOptions = {}): Promise<Firm> {
  return openFirm({ store, template: billsAt(3), ...options })
}

async function bills({ group }: Firm, key: string): Promise<unknown[]> {
  return (await group.shard(key)).collection('bills').list()
}

const atThree = (client: string, count: number): unknown[] =>
  Array.from({ length: count }, (_, at) => ({ client, netMinor: (at + 1) * 100, currency: 'EUR' }))

async function versions({ group }: Firm): Promise<number[]> {
  return (await group.allRows()).map(({ schemaVersion }) => schemaVersion)
}

describe('a migration', () => {
  it('rewrites the records of a shard over two versions, counts them, and does so once', async () => {
    const firm = await opened(await made())
    const done = await firm.group.migrateShard('c')
    expect(done).toMatchObject({ status: 'done', currentVersion: 3, migrated: 3, attempts: 1 })
    expect(done).not.toHaveProperty('phase')
    expect(await bills(firm, 'c')).toEqual(atThree('c', 3))
    expect(await firm.group.migrateShard('c')).toEqual(done)
    expect(await versions(firm)).toEqual([1, 1, 3])
  })

  it('of a fleet leaves the shard whose records do not fit as it was', async () => {
    const store = await made()
    const transform = (body: Body): Body => {
      if (body['client'] === 'b' && body['net'] === 2) throw new Error('a bill without a date')
      return toVersion(3, body)
    }
    const firm = await opened(store, { template: billsAt(3, { how: { transform } }) })
    expect(await firm.group.migrateFleet()).toEqual({
      target: 3,
      migrated: ['firm--a', 'firm--c'],
      failed: [{ vaultId: 'firm--b', error: 'a bill without a date' }],
      waiting: [],
    })
    const before = await openFirm({ store, template: billsAt(1) })
    expect(await bills(before, 'b')).toEqual([
      { client: 'b', net: 1 },
      { client: 'b', net: 2 },
    ])
    const after = await opened(store)
    expect((await after.group.migrateFleet()).migrated).toEqual(['firm--b'])
    expect(await bills(after, 'b')).toEqual(atThree('b', 2))
  })

  it('on opening comes before the handle and before a routed write', async () => {
    const firm = await opened(await made(), { group: { migrateOnOpen: true } })
    expect(await bills(firm, 'a')).toEqual(atThree('a', 1))
    const [record] = atThree('b', 1)
    await firm.group.collection('bills').put('b-1', record as never) // a bill of the newer shape
    expect(await versions(firm)).toEqual([3, 3, 1])
  })

  it('a shard that is behind takes no write of the new shape, and stays readable for the old template', async () => {
    const store = await made()
    const firm = await opened(store)
    const [record] = atThree('b', 1)
    await expect(firm.group.collection('bills').put('b-1', record as never)).rejects.toMatchObject({
      code: 'SCHEMA_FENCE',
    })
    expect(await bills(await openFirm({ store, template: billsAt(1) }), 'a')).toHaveLength(1)
  })

  it('of a vault that is adopted comes before its row says that it is current', async () => {
    const store = memory()
    const old = await openDb(store)
    const vault = await old.openVault('firm--found')
    billsAt(1).configure(vault)
    await vault.collection<Body>('bills').put('1', { client: 'found', net: 7 })
    await vault._drainPendingSchemaWrites()
    old.close()
    const faulty = billsAt(3, { how: { transform: () => expect.fail('no way') } })
    const refused = await opened(store, { template: faulty })
    await expect(refused.group.createShard('found')).rejects.toThrow('no way')
    expect(await refused.group.allRows()).toEqual([])
    const firm = await opened(store)
    await firm.group.createShard('found')
    expect(await bills(firm, 'found')).toEqual([{ client: 'found', netMinor: 700, currency: 'EUR' }])
    expect(await versions(firm)).toEqual([3])
  })

  it('that ended with a crash between cutover and row keeps its count', async () => {
    const inner = await made()
    let isDead = false
    const store = failingStore(inner, (call, _vault, collection) => {
      isDead ||= call === 'tx' && collection === 'vaultRegistry'
      return isDead
    })
    await expect((await opened(store)).group.migrateShard('c')).rejects.toThrow('disk')
    const firm = await opened(inner)
    const state = await firm.lobby.openStateManagementVault()
    expect(await state.getMigrationStatus('firm--c')).toMatchObject({ status: 'running', phase: 'cutover' })
    expect(await versions(firm)).toEqual([1, 1, 1])
    expect(await firm.group.migrateShard('c')).toMatchObject({ status: 'done', migrated: 3, attempts: 2 })
    expect(await bills(firm, 'c')).toEqual(atThree('c', 3))
  })
})

/** A session that dies once it has closed the fence of a shard: nothing it asks for is answered any more. */
async function deadOwner(inner: NoydbStore, now: number): Promise<void> {
  const dead = Promise.withResolvers<undefined>()
  let isDead = false
  const store = new Proxy(inner, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return async (...args: unknown[]): Promise<unknown> => {
        if (isDead) return new Promise(() => undefined)
        const result: unknown = await Reflect.apply(member, target, args)
        if (JSON.stringify(args).includes('\\"draining\\"')) {
          isDead = true
          dead.resolve(undefined)
        }
        return result
      }
    },
  })
  const firm = await opened(store, { clock: () => now })
  void firm.group.migrateShard('c')
  await dead.promise
}

describe('a shard that another session is migrating', () => {
  const now = Date.parse('2026-11-28T10:00:00Z')

  it('is waited for while that session may live, which is no failure', async () => {
    const store = await made()
    await deadOwner(store, now)
    const firm = await opened(store, { clock: () => now + 19_000, group: { migrateOnOpen: true } })
    expect(await firm.group.migrateShard('c')).toMatchObject({
      status: 'pending',
      phase: 'waiting for another session',
      waitingUntil: now + 20_000,
    })
    await expect(firm.group.openShard('c')).rejects.toMatchObject({
      code: 'SHARD_MIGRATION_WAITING',
      message: expect.stringContaining('waiting for another session') as string,
    })
    expect(await firm.group.migrateFleet()).toEqual({
      target: 3,
      migrated: ['firm--a', 'firm--b'],
      failed: [],
      waiting: ['firm--c'],
    })
  })

  it('is taken over once its lease has run out', async () => {
    const store = await made()
    await deadOwner(store, now)
    const firm = await opened(store, { clock: () => now + 20_001 })
    const done = await firm.group.migrateShard('c')
    expect(done).toMatchObject({ status: 'done', migrated: 3, attempts: 2 })
    expect(done).not.toHaveProperty('waitingUntil')
    expect(await bills(firm, 'c')).toEqual(atThree('c', 3))
  })

  it('and that has lost its lease to us does not take back that we are done', async () => {
    const store = await made()
    const late = await opened(store, { clock: () => now + 60_000 })
    const prepare = async (docs: readonly Body[]): Promise<Body[]> => {
      expect(await late.group.migrateShard('c')).toMatchObject({ status: 'done', migrated: 3 })
      return docs.map((body) => toVersion(3, body))
    }
    const slow = await opened(store, { clock: () => now, template: billsAt(3, { how: { prepare } }) })
    expect(await slow.group.migrateShard('c')).toMatchObject({ status: 'done', migrated: 3 })
    expect(await versions(slow)).toEqual([1, 1, 3])
    const state = await slow.lobby.openStateManagementVault()
    expect(await state.getMigrationStatus('firm--c')).toMatchObject({ status: 'done', currentVersion: 3 })
  })
})

describe('a template file with transforms', () => {
  const expression = '{ "client": client, "netMinor": net * 100 }'

  function file(version: 1 | 2): ReturnType<typeof compileTemplate> {
    const member = version === 1 ? 'net' : 'netMinor'
    const bill = {
      label: { one: 'Bill', many: 'Bills' },
      title: '{client}',
      columns: ['client'],
      lists: {},
      fields: [{ path: 'client', label: 'Client', type: 'text' }],
      refs: [],
      indexes: [],
      naturalKey: ['client'],
      rules: [],
      schema: {
        type: 'object',
        required: ['client', member],
        properties: { client: { type: 'string' }, [member]: { type: 'number' } },
      },
    }
    const transforms = version === 1 ? [] : [{ to: 2, collection: 'bills', expression, note: 'Minor units.' }]
    return compileTemplate(
      parseTemplate(
        JSON.stringify({ format: 1, name: 'books', version, collections: { bills: bill }, transforms }),
      ),
    )
  }

  it('migrates a fleet, what was written since it was opened included', async () => {
    const store = memory()
    const old = await openFirm({ store, template: file(1) })
    await fillFirm(old, { a: 2, b: 1 })
    for (const key of ['a', 'b']) await (await old.group.shard(key))._drainPendingSchemaWrites()
    const template = withTransforms(file(2), { runner, versionOf: () => 1 })
    const firm = await openFirm({ store, template })
    await (await firm.group.openShard('a'))._drainPendingSchemaWrites() // it knows what is to come
    await old.group.collection('bills').put('a-1', { client: 'a', net: 9 })
    expect(await firm.group.migrateFleet()).toMatchObject({ migrated: ['firm--a', 'firm--b'], failed: [] })
    expect(await bills(firm, 'a')).toEqual([
      { client: 'a', netMinor: 900 },
      { client: 'a', netMinor: 200 },
    ])
    const state = await firm.lobby.openStateManagementVault()
    expect(await state.getMigrationStatus('firm--a')).toMatchObject({ status: 'done', migrated: 2 })
  })
})
