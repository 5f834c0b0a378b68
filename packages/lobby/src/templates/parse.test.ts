/** A faulty template is refused with the place of its fault. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { compileTemplate } from './compile.ts'
import { TemplateInvalidError, TemplateTooNewError } from './errors.ts'
import { smallTemplate, type Spoilable } from './fixture-template.ts'
import { templateLimits } from './limits.ts'
import { parseTemplate } from './parse.ts'

function refusal(text: string | Uint8Array): TemplateInvalidError {
  try {
    compileTemplate(parseTemplate(text))
  } catch (error) {
    if (error instanceof TemplateInvalidError) return error
    throw error
  }
  throw new Error('The template was accepted.')
}

test('the fixture is sound', () => {
  const file = parseTemplate(JSON.stringify(smallTemplate()))
  expect(compileTemplate(file)).toMatchObject({ name: 'small', version: 3 })
})

type Change = (template: Spoilable, notes: Record<string, unknown>) => unknown
const rule = (extra: Record<string, unknown>) => [{ name: 'r', message: 'Wrong.', ...extra }]

const faults: [path: string, reason: string, change: Change][] = [
  ['/format', 'must be 1', (t) => void (t.format = 'one')],
  ['/name', 'small letters', (t) => void (t.name = 'Not a slug!')],
  ['/version', 'at least 1', (t) => void (t.version = 0)],
  ['/version', 'int', (t) => void (t.version = 1.5)],
  ['/version', 'at most 1000', (t) => void (t.version = 1001)],
  ['/colour', 'no member of this name', (t) => void Object.assign(t, { colour: 'red' })],
  ['/collections', 'at least one', (t) => void (t.collections = {})],
  [
    '/collections/_notes',
    'letters and digits',
    (t) => void (t.collections = { _notes: t.collections['notes']! }),
  ],
  ['/collections/notes/label', 'is missing', (_, notes) => delete notes['label']],
  ['/collections/notes/title', '"nope"', (_, notes) => void (notes['title'] = 'x {nope}')],
  ['/collections/notes/columns/0', '"titel"', (_, notes) => void (notes['columns'] = ['titel'])],
  ['/collections/notes/period', '"day"', (_, notes) => void (notes['period'] = 'day')],
  ['/collections/notes/currency', '"money"', (_, notes) => void (notes['currency'] = 'money')],
  [
    '/collections/notes/lists/words',
    '"words"',
    (_, notes) => void (notes['lists'] = { words: { key: 'a', label: 'b' } }),
  ],
  ['/collections/notes/naturalKey/0', '"total"', (_, notes) => void (notes['naturalKey'] = ['total'])],
  [
    '/collections/notes/fields/0/path',
    '"nope"',
    (t) => void (t.collections['notes']!.fields[0]!['path'] = 'nope'),
  ],
  [
    '/collections/notes/fields/3/path',
    '"words.*.n"',
    (t) => void (t.collections['notes']!.fields[3]!['path'] = 'words.*.n'),
  ],
  [
    '/collections/notes/fields/1/path',
    'another field',
    (t) => void (t.collections['notes']!.fields[1]!['path'] = 'title'),
  ],
  [
    '/collections/notes/fields/0',
    'choices',
    (t) => void (t.collections['notes']!.fields[0]!['type'] = 'choice'),
  ],
  [
    '/collections/notes/fields/0/type',
    'one of',
    (t) => void (t.collections['notes']!.fields[0]!['type'] = 'wish'),
  ],
  [
    '/collections/notes/refs/0/target',
    '"people"',
    (_, n) => void (n['refs'] = [{ field: 'parent', target: 'people' }]),
  ],
  [
    '/collections/notes/refs/0/target',
    '"toString"',
    (_, n) => void (n['refs'] = [{ field: 'parent', target: 'toString' }]),
  ],
  [
    '/collections/notes/refs/0/field',
    '"nope"',
    (_, n) => void (n['refs'] = [{ field: 'nope', target: 'notes' }]),
  ],
  [
    '/collections/notes/refs/1/field',
    'another reference',
    (_, n) => void (n['refs'] = Array(2).fill({ field: 'parent', target: 'notes' })),
  ],
  ['/collections/notes/indexes/0', '"nope"', (_, notes) => void (notes['indexes'] = ['nope'])],
  [
    '/collections/notes/indexes/0',
    '"toString"',
    (_, notes) => void (notes['indexes'] = [['title', 'toString']]),
  ],
  [
    '/collections/notes/rules/0/rule',
    'none of the forms',
    (_, n) => void (n['rules'] = rule({ rule: 'magic' })),
  ],
  [
    '/collections/notes/rules/0/equals',
    '"nope"',
    (_, n) => void (n['rules'] = rule({ rule: 'sum', parts: ['total'], equals: 'nope' })),
  ],
  [
    '/collections/notes/rules/0/parts',
    '"words.*.n"',
    (_, n) => void (n['rules'] = rule({ rule: 'sum', parts: ['words.*.n'], equals: 'total' })),
  ],
  [
    '/collections/notes/rules/0/when',
    '"nope"',
    (_, n) => void (n['rules'] = rule({ rule: 'order', first: 'date', then: 'date', when: ['nope'] })),
  ],
  [
    '/collections/notes/rules/0/expression',
    'Expected',
    (_, n) => void (n['rules'] = rule({ rule: 'expression', expression: '(1' })),
  ],
  [
    '/collections/notes/rules/0',
    'period field',
    (_, n) => void Object.assign(n, { period: undefined, rules: rule({ rule: 'period-open' }) }),
  ],
  ['/collections/notes/schema/type', 'object', (_, notes) => void (notes['schema'] = { type: 'array' })],
  ['/transforms', 'version 2', (t) => void t.transforms.shift()],
  ['/transforms', 'version 3', (t) => void t.transforms.pop()],
  ['/transforms/1/to', 'only at version 3', (t) => void (t.transforms[1]!['to'] = 4)],
  ['/transforms/1/to', 'another transform', (t) => void (t.transforms[1]!['to'] = 2)],
  ['/transforms/1/to', 'in the order', (t) => void t.transforms.reverse()],
  ['/transforms/0/to', 'at least 2', (t) => void (t.transforms[0]!['to'] = 1)],
  ['/transforms/0/collection', '"people"', (t) => void (t.transforms[0]!['collection'] = 'people')],
  ['/transforms/0/note', 'is missing', (t) => delete t.transforms[0]!['note']],
  ['/transforms/0/expression', 'not be empty', (t) => void (t.transforms[0]!['expression'] = '  ')],
]

test.each(faults)('%s: %s', (path, reason, change) => {
  const template = smallTemplate()
  change(template, template.collections['notes']!)
  const error = refusal(JSON.stringify(template))
  expect([error.path, error.code]).toEqual([path, 'TEMPLATE_INVALID'])
  expect(error.reason).toContain(reason)
})

const schemas: [path: string, schema: Record<string, unknown>][] = [
  ['/properties', { properties: 3 }],
  ['/properties/title/type', { properties: { title: { type: 'text' } } }],
  ['', { properties: { title: { type: 'string', format: 'telepathy' } } }],
  ['', { properties: { title: { type: 'string' } }, colour: 'red' }],
  ['', { properties: { title: { $ref: 'https://example.com/title.json' } } }],
  [
    '/$schema',
    { $schema: 'http://json-schema.org/draft-07/schema#', properties: { title: { type: 'string' } } },
  ],
  ['/$async', { $async: true }],
  ['/properties/title/pattern', { properties: { title: { type: 'string', pattern: '^(a+)+$' } } }],
  ['/properties/title/pattern', { properties: { title: { type: 'string', pattern: '^(a|aa)*b$' } } }],
  ['/properties/title/pattern', { properties: { title: { type: 'string', pattern: '^a*a*a*b$' } } }],
  ['/properties/title/pattern', { properties: { title: { type: 'string', pattern: '(?=x)x' } } }],
  ['/properties/title/pattern', { properties: { title: { type: 'string', pattern: '(.)\\1' } } }],
  ['/properties/title/pattern', { properties: { title: { type: 'string', pattern: 'a?'.repeat(9) } } }],
  [
    '/properties/title/anyOf/0/pattern',
    { properties: { title: { anyOf: [{ type: 'string', pattern: '(x*)*' }] } } },
  ],
  ['/patternProperties', { patternProperties: { '(x*)*': {} } }],
  ['/properties/tags/uniqueItems', { properties: { tags: { type: 'array', uniqueItems: true } } }],
]

test.each(schemas)('schema%s %j', (path, schema) => {
  const template = smallTemplate()
  const notes = template.collections['notes']!
  notes['schema'] = { type: 'object', ...schema }
  expect(refusal(JSON.stringify(template)).path).toBe(`/collections/notes/schema${path}`)
})

describe('the text', () => {
  const text = JSON.stringify(smallTemplate())

  test.each<[string, string | Uint8Array, string]>([
    ['no JSON', '{"format": 1,', ''],
    ['no UTF-8', Uint8Array.of(0xff, 0xfe), ''],
    ['no object', '[]', '/format'],
    ['too large', ' '.repeat(templateLimits.templateBytes + 1), ''],
    [
      '__proto__',
      text.replace('"lists":{}', '"lists":{"__proto__":{}}'),
      '/collections/notes/lists/__proto__',
    ],
    ['a name twice', text.replace('"format":1', '"format":1,"format":1'), '/format'],
    [
      'a collection twice',
      text.replace('"collections":{', '"collections":{"notes":{},'),
      '/collections/notes',
    ],
    [
      'a member of a list entry twice',
      text.replace('"note":"Louder."', String.raw`"note":"\"x\" {[,","not\u0065":"Louder."`),
      '/transforms/1/note',
    ],
  ])('%s', (_, given, path) => {
    expect(refusal(given).path).toBe(path)
  })

  test('nested too deeply', () => {
    const deep = '{"a":'.repeat(40) + '1' + '}'.repeat(40)
    expect(refusal(text.replace('"lists":{}', `"lists":${deep}`)).reason).toContain('nested deeper')
  })

  test('of a newer format, whatever else it says', () => {
    expect(() => parseTemplate('{"format":2,"shape":"unknown"}')).toThrow(TemplateTooNewError)
  })
})

describe('expressions', () => {
  test.each<[string, string, number]>([
    ['$merge([$, {"a": }])', 'The symbol "}" cannot be used as a unary operator', 18],
    ['(title', 'Expected ")" before end of expression', 6],
    ['$eval("1+1")', '$eval runs text as code', 5],
    ['title & $now()', '$now gives another result each time', 12],
    ['$millis()', '$millis gives another result each time', 7],
    ['$random()', '$random gives another result each time', 7],
    ['$shuffle([1,2])', '$shuffle gives another result each time', 8],
    ['($e := $eval; $e("1"))', '$eval runs text as code', 12],
    ['($eval := 1; $)', '$eval runs text as code', 6],
    ['words.($count2(count))', 'there is no $count2', 14],
    ['$process', 'there is no $process', 8],
    ['$constructor("x")', 'there is no $constructor', 12],
  ])('%s', (expression, reason, position) => {
    const template = smallTemplate()
    template.transforms[0]!['expression'] = expression
    const error = refusal(JSON.stringify(template))
    expect(error.path).toBe('/transforms/0/expression')
    expect(error.reason).toContain(reason)
    expect(error.position).toBe(position)
  })

  test('nested without end', () => {
    const template = smallTemplate()
    template.transforms[0]!['expression'] = `${'('.repeat(9000)}1${')'.repeat(9000)}`
    expect(refusal(JSON.stringify(template)).reason).toContain('nested too deeply')
  })

  test.each(['words@$w#$i.{ "n": $w.count + $i }', '(function($a) { $a })(1)', '$$.title ~> $uppercase'])(
    'what an expression binds itself is known: %s',
    (expression) => {
      const template = smallTemplate()
      template.transforms[0]!['expression'] = expression
      expect(() => parseTemplate(JSON.stringify(template))).not.toThrow()
    },
  )
})

test('the example in docs/templates.md is a template', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/templates.md'), 'utf8')
  const [, example = ''] = /```json\n(.*?)```/s.exec(page) ?? []
  expect(compileTemplate(parseTemplate(example))).toMatchObject({ name: 'rent-roll', version: 2 })
})

test('docs/limits.md states the limits of templates', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/limits.md'), 'utf8')
  const stated = [...page.matchAll(/^\| (\w+) \| (\d+) \|/gm)].map(([, name, value]) => [name, Number(value)])
  expect(Object.fromEntries(stated)).toMatchObject(templateLimits)
})
