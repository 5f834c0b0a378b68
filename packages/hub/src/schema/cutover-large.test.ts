/** Cutovers of `large` collections: their indexes and the rows remembered of them move along. */
import { expect, it } from 'vitest'
import { memory } from '../memory.ts'
import { session } from '../noydb/test-session.ts'
import { countingStore } from '../testing/counting-store.ts'
import type { NoydbStore } from '../types/store.ts'
import type { CollectionOptions } from '../types/schema.ts'
import { jsonSchemaValidator } from './json-schema-validator.ts'
import { coordinatedCutover } from './strategies.ts'

const text = { type: 'string' }
const before = jsonSchemaValidator({ type: 'object', properties: { client: text }, required: ['client'] })
const after = jsonSchemaValidator({ type: 'object', properties: { payer: text }, required: ['payer'] })

async function open(store: NoydbStore, options: CollectionOptions<Record<string, unknown>>) {
  const vault = await (await session(store)).openVault('v')
  const collection = vault.collection('invoices', { large: true, persistJsonSchema: true, ...options })
  await vault._drainPendingSchemaWrites()
  return { vault, collection }
}

it('finds moved rows by their new values, through the index', async () => {
  const { store, calls } = countingStore(memory())
  const indexes = ['client', 'payer']
  const old = await open(store, { schema: before, indexes })
  const rows = Array.from({ length: 60 }, (_, n) => ({ id: `i${n}`, record: { client: `c${n % 6}` } }))
  await old.collection.putMany(rows)
  expect(await old.collection.query().where('client', '==', 'c1').run()).toHaveLength(10)
  const transform = ({ client }: Record<string, unknown>) => ({ payer: `p-${String(client)}` })
  const { vault, collection } = await open(store, {
    schema: after,
    indexes,
    schemaUpdate: [coordinatedCutover({ transform })],
  })
  await expect(collection.get('i1')).rejects.toThrow() // still of the old shape
  expect((await vault.runSchemaCutover()).recordsMigrated).toBe(60)
  expect(await collection.get('i1')).toEqual({ payer: 'p-c1' })
  calls()
  expect(await collection.query().where('payer', '==', 'p-c1').run()).toHaveLength(10)
  expect(calls().filter((call) => call.includes(' invoices '))).toHaveLength(10)
  expect(await collection.query().where('client', '==', 'c1').run()).toEqual([])
  await collection.put('i1', { payer: 'p-c2' })
  expect(await collection.query().where('payer', '==', 'p-c2').run()).toHaveLength(11)
})

it('forgets the rows that were read before', async () => {
  const store = memory()
  const schema = jsonSchemaValidator({ type: 'object', properties: { n: { type: 'integer' } } })
  await (await open(store, { schema })).collection.put('x', { n: 1 })
  const { vault, collection } = await open(store, {
    schema: jsonSchemaValidator({ type: 'object', properties: { n: { type: 'number' } } }),
    schemaUpdate: [coordinatedCutover({ transform: () => ({ n: 0.5 }) })],
  })
  expect(await collection.get('x')).toEqual({ n: 1 })
  await vault.runSchemaCutover()
  expect(await collection.get('x')).toEqual({ n: 0.5 })
})
