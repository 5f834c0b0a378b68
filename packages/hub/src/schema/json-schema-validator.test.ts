import { describe, expect, it } from 'vitest'
import { SchemaValidationError, ValidationError } from '../errors.ts'
import { memory } from '../memory.ts'
import { session } from '../noydb/test-session.ts'
import { deriveJsonSchema } from './json-schema.ts'
import { jsonSchemaValidator } from './json-schema-validator.ts'

const invoice = {
  type: 'object',
  properties: {
    'a/b': { type: 'string' },
    lines: { type: 'array', items: { type: 'object', properties: { n: { type: 'integer', maximum: 9 } } } },
  },
  required: ['a/b'],
}

describe('jsonSchemaValidator', () => {
  it('validates a collection and names each faulty place once', async () => {
    const collection = (await (await session(memory())).openVault('v')).collection('c', {
      schema: jsonSchemaValidator(invoice),
    })
    await collection.put('x', { 'a/b': 'y', lines: [{ n: 1 }] })
    const refused = await collection
      .put('x', { lines: [{ n: 1 }, { n: 10.5 }] })
      .catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(SchemaValidationError)
    expect(refused).toMatchObject({
      issues: [
        { path: ['a/b'], message: "must have required property 'a/b'" },
        { path: ['lines', '1', 'n'], message: 'must be integer' },
      ],
    })
  })

  it('says its schema, so that it can be persisted', async () => {
    const derived = await deriveJsonSchema(jsonSchemaValidator(invoice))
    expect(derived).toMatchObject({ kind: 'ajv', jsonSchema: invoice })
  })

  it('takes formats and words of the caller', async () => {
    const schema = { type: 'object', properties: { day: { type: 'string', format: 'day' } } }
    const validator = jsonSchemaValidator(schema, {
      formats: { day: /^\d{4}-\d\d-\d\d$/ },
      describe: ({ keyword }) => `no ${keyword}`,
    })
    const validate = validator['~standard'].validate
    expect(await validate({ day: '2026-05-31' })).toEqual({ value: { day: '2026-05-31' } })
    expect(await validate({ day: 'x' })).toEqual({ issues: [{ path: ['day'], message: 'no format' }] })
    expect(await validate(1)).toEqual({ issues: [{ path: [], message: 'no type' }] })
  })

  it.each([
    ['an unknown format', { type: 'string', format: 'day' }],
    ['an unknown keyword', { type: 'string', maxLenght: 3 }],
    ['no schema', { type: 'text' }],
  ])('refuses %s', (_what, schema) => {
    expect(() => jsonSchemaValidator(schema)).toThrow(ValidationError)
  })
})
