import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { schemaDelta } from './delta.ts'
import { deriveJsonSchema } from './json-schema.ts'

async function delta(before: unknown, after: unknown) {
  const [old, now] = [await deriveJsonSchema(before), await deriveJsonSchema(after)]
  return schemaDelta('c', old.jsonSchema ?? {}, now.jsonSchema ?? {})
}

const base = { a: z.string(), b: z.number().optional() }

describe('schemaDelta', () => {
  it('is additive for new optional members alone', async () => {
    const { kind, added } = await delta(z.object(base), z.object({ ...base, c: z.string().optional() }))
    expect({ kind, added }).toEqual({ kind: 'additive', added: ['c'] })
    expect((await delta(z.object(base), z.object({ ...base, c: z.string().default('x') }))).kind).toBe(
      'additive',
    )
  })

  it.each([
    ['a member removed', z.object({ a: z.string() }), { removed: ['b'] }],
    ['a new required member', z.object({ ...base, c: z.string() }), { added: ['c'] }],
    [
      'a member made required',
      z.object({ ...base, b: z.number() }),
      { changed: [{ field: 'b', requiredChanged: true, shapeChanged: false }] },
    ],
    [
      'a member made optional',
      z.object({ ...base, a: z.string().optional() }),
      { changed: [{ field: 'a', requiredChanged: true, shapeChanged: false }] },
    ],
    [
      'another shape',
      z.object({ ...base, a: z.object({ title: z.string() }) }),
      { changed: [{ field: 'a', requiredChanged: false, shapeChanged: true }] },
    ],
    ['others refused from now on', z.strictObject(base), { added: [], removed: [], changed: [] }],
  ])('is non-additive for %s', async (_what, after, members) => {
    expect(await delta(z.object(base), after)).toMatchObject({ kind: 'non-additive', ...members })
  })

  it('sees a change in what a member points at', () => {
    const schema = (type: string) => ({
      properties: { a: { $ref: '#/$defs/x' }, b: { type: 'string' } },
      $defs: { x: { type } },
    })
    expect(schemaDelta('c', schema('string'), schema('number'))).toMatchObject({
      kind: 'non-additive',
      changed: [{ field: 'a', requiredChanged: false, shapeChanged: true }],
    })
  })

  it('looks past descriptions, not past members of such a name', async () => {
    const described = z.object({ ...base, a: z.string().describe('the name') }).describe('a thing')
    expect((await delta(z.object(base), described)).kind).toBe('none')
    const inner = (description: z.ZodType) => z.object({ m: z.object({ description }) })
    expect((await delta(inner(z.string()), inner(z.number()))).kind).toBe('non-additive')
    const literal = (title: string) => ({ properties: { a: { const: { title } } } })
    expect(schemaDelta('c', literal('x'), literal('y')).kind).toBe('non-additive')
  })
})
