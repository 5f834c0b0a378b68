import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { SchemaValidationError } from '../errors.ts'
import { memory } from '../memory.ts'
import { session } from '../noydb/test-session.ts'
import type { StandardSchemaV1 } from '../types/schema.ts'

async function open(schema: StandardSchemaV1<unknown, unknown>, store = memory()) {
  return (await (await session(store)).openVault('v')).collection('c', { schema })
}

/** What templates of old pass: no Standard Schema, only a `parse`. */
const parsesText = {
  parse(value: unknown) {
    if (typeof value !== 'object' || value === null || !('n' in value) || typeof value.n !== 'string')
      throw new TypeError('n is no text')
    return { n: value.n }
  },
} as never

describe('a schema', () => {
  it('decides what is stored, at a put and at `validateInput`', async () => {
    const collection = await open(z.object({ n: z.coerce.number() }))
    await collection.put('x', { n: '7', unknown: true })
    expect(await collection.get('x')).toEqual({ n: 7 })
    expect(await collection.validateInput({ n: '8' })).toEqual({ n: 8 })
    const refused = await collection.put('y', { n: 'seven' }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(SchemaValidationError)
    expect(refused).toMatchObject({
      code: 'SCHEMA_VALIDATION_FAILED',
      direction: 'input',
      issues: [{ path: ['n'] }],
    })
    await expect(collection.validateInput({ n: 'seven' })).rejects.toMatchObject({ direction: 'input' })
    expect(await collection.count()).toBe(1)
    const free = await open(undefined as never)
    const value = {}
    expect(await free.validateInput(value)).toBe(value)
  })

  it('is asked again at reading, for all records or none', async () => {
    const store = memory()
    const before = await open(z.object({ n: z.unknown() }), store)
    await before.putMany([
      { id: 'good', record: { n: 1 } },
      { id: 'bad', record: { n: 'x' } },
    ])
    const collection = await open(z.object({ n: z.number() }), store)
    const output = { code: 'SCHEMA_VALIDATION_FAILED', direction: 'output' }
    await expect(collection.list()).rejects.toMatchObject(output)
    await expect(collection.get('good')).rejects.toMatchObject(output)
    await before.delete('bad')
    expect(await collection.list()).toEqual([{ n: 1 }])
  })

  it('may answer later, with any kind of promise', async () => {
    const thenable = (value: unknown): PromiseLike<{ value: unknown }> => ({
      then: (resolve, reject) => Promise.resolve({ value }).then(resolve, reject),
    })
    for (const validate of [thenable, async (value: unknown) => ({ value })]) {
      const standard = { version: 1 as const, vendor: 'ours', validate: validate as never }
      const collection = await open({ '~standard': standard })
      await collection.put('x', { n: 1 })
      expect(await collection.get('x')).toEqual({ n: 1 })
    }
  })

  it('that only parses reads an empty collection, and refuses what its parse refuses', async () => {
    const store = memory()
    const collection = await open(parsesText, store)
    expect(await collection.list()).toEqual([])
    expect(await collection.get('x')).toBeNull()
    await expect(collection.validateInput({ n: 1 })).rejects.toThrow(SchemaValidationError)
    await expect(collection.put('x', { n: 1 })).rejects.toThrow('n is no text')
    await collection.put('x', { n: 'one', more: 'dropped' })
    expect(await collection.list()).toEqual([{ n: 'one' }])
    await (await (await session(store)).openVault('v')).collection('c').put('y', { n: 2 })
    const reading = await open(parsesText, store)
    await expect(reading.list()).rejects.toMatchObject({ direction: 'output' })
  })

  it('that can do neither refuses everything', async () => {
    const collection = await open({} as never)
    expect(await collection.list()).toEqual([])
    await expect(collection.put('x', {})).rejects.toThrow(SchemaValidationError)
  })
})
