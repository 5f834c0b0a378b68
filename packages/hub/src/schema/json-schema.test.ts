import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { z as z3 } from 'zod/v3'
import { deriveJsonSchema } from './json-schema.ts'

describe('deriveJsonSchema', () => {
  it('asks a Zod 4 schema itself, also one with members that JSON cannot describe', async () => {
    const derived = await deriveJsonSchema(z.object({ a: z.string(), when: z.date().optional() }))
    expect(derived).toMatchObject({
      kind: 'zod',
      jsonSchema: { type: 'object', required: ['a'], properties: { a: { type: 'string' }, when: {} } },
    })
    expect(derived.hash).toMatch(/^[0-9a-f]{64}$/)
  })

  it('converts a Zod 3 schema', async () => {
    const derived = await deriveJsonSchema(z3.object({ a: z3.string(), b: z3.number().optional() }))
    expect(derived).toMatchObject({
      kind: 'zod',
      jsonSchema: { required: ['a'], properties: { a: { type: 'string' }, b: { type: 'number' } } },
    })
    expect(derived.hash).toMatch(/^[0-9a-f]{64}$/)
  })

  it('has equal hashes for equal schemas, whatever the order of their members', async () => {
    const [one, two] = [
      z.object({ a: z.string(), b: z.string() }),
      z.object({ b: z.string(), a: z.string() }),
    ]
    const [left, right] = [await deriveJsonSchema(one), await deriveJsonSchema(two)]
    // `required` is a list, so its order follows the declaration.
    expect(left.jsonSchema?.properties).toEqual(right.jsonSchema?.properties)
    expect((await deriveJsonSchema(z.object({ a: z.string(), b: z.string() }))).hash).toBe(left.hash)
  })

  it('has nothing to say of other validators, and of ones that fail to describe themselves', async () => {
    const stub = { jsonSchema: null, hash: null }
    const standard = { version: 1, vendor: 'ours', validate: (value: unknown) => ({ value }) }
    expect(await deriveJsonSchema({ '~standard': standard })).toEqual({ kind: 'ours', ...stub })
    expect(await deriveJsonSchema({ parse: (value: unknown) => value })).toEqual({ kind: 'unknown', ...stub })
    const input = (): never => {
      throw new Error('no')
    }
    const failing = { '~standard': { ...standard, jsonSchema: { input } } }
    expect(await deriveJsonSchema(failing)).toEqual({ kind: 'ours', ...stub })
  })
})
