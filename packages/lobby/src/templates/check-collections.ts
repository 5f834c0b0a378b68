/** What the shape of the file cannot say: every name leads to something. A typo would show as an empty column, years later. */
import { TemplateInvalidError } from './errors.ts'
import { checkExpression } from './expression.ts'
import type { CollectionTemplate, Rule, TemplateFile } from './format.ts'
import { pointer } from './pointer.ts'
import { compileSchema } from './record-schema.ts'
import { schemaHas } from './schema-fields.ts'

/** @throws TemplateInvalidError */
export function checkCollections(file: TemplateFile): void {
  for (const [name, collection] of Object.entries(file.collections)) {
    const place = ['collections', name]
    // First: what the others look up in the schema is only there where it is one.
    compileSchema(collection.schema, pointer(...place, 'schema'))
    checkFields(place, collection)
    checkHints(place, collection)
    checkRefs(place, collection, file)
    collection.indexes.forEach((index, at) =>
      [index].flat().forEach((path) => schemaKnows(collection, [...place, 'indexes', at], path)),
    )
    checkRules(place, collection)
  }
}

type Place = readonly PropertyKey[]

function checkFields(place: Place, collection: CollectionTemplate): void {
  refuseTwice(
    collection.fields.map(({ path }, at) => [[...place, 'fields', at, 'path'], path]),
    'field',
  )
  collection.fields.forEach(({ path, type, currencyPath, choices }, at) => {
    const here = [...place, 'fields', at]
    schemaKnows(collection, [...here, 'path'], path)
    if (currencyPath !== undefined) schemaKnows(collection, [...here, 'currencyPath'], currencyPath)
    if (type === 'choice' && choices === undefined)
      throw new TemplateInvalidError(pointer(...here), 'a choice lists its choices')
  })
}

/** Hints name described fields: what they lead to is shown by its label. */
function checkHints(place: Place, collection: CollectionTemplate): void {
  const known = new Set(collection.fields.map(({ path }) => path))
  const named: [Place, string | undefined][] = [
    ...collection.columns.map((path, at): [Place, string] => [['columns', at], path]),
    ...Object.keys(collection.lists).map((path): [Place, string] => [['lists', path], path]),
    ...[...collection.title.matchAll(/\{([^}]+)\}/g)].map(([, path]): [Place, string | undefined] => [
      ['title'],
      path,
    ]),
    ...(collection.naturalKey ?? []).map((path, at): [Place, string] => [['naturalKey', at], path]),
    [['currency'], collection.currency],
    [['period'], collection.period],
  ]
  for (const [step, path] of named) {
    if (path !== undefined && !known.has(path))
      throw new TemplateInvalidError(pointer(...place, ...step), `no field is called "${path}"`)
  }
}

function checkRefs(place: Place, collection: CollectionTemplate, file: TemplateFile): void {
  refuseTwice(
    collection.refs.map(({ field }, at) => [[...place, 'refs', at, 'field'], field]),
    'reference',
  )
  collection.refs.forEach(({ field, target }, at) => {
    const here = [...place, 'refs', at]
    if (field.includes('.'))
      throw new TemplateInvalidError(
        pointer(...here, 'field'),
        'a reference stands in a field of the record itself',
      )
    schemaKnows(collection, [...here, 'field'], field)
    if (!Object.hasOwn(file.collections, target))
      throw new TemplateInvalidError(pointer(...here, 'target'), `no collection is called "${target}"`)
  })
}

function checkRules(place: Place, collection: CollectionTemplate): void {
  refuseTwice(
    collection.rules.map(({ name }, at) => [[...place, 'rules', at, 'name'], name]),
    'rule',
  )
  collection.rules.forEach((rule, at) => {
    const here = [...place, 'rules', at]
    for (const [member, path] of pathsOf(rule)) schemaKnows(collection, [...here, member], path)
    if (rule.rule === 'period-open' && collection.period === undefined)
      throw new TemplateInvalidError(pointer(...here), 'the collection states no period field')
    if (rule.rule === 'expression') checkExpression(rule.expression, pointer(...here, 'expression'))
  })
}

/** Every field a rule names, from the record's root, with the member that names it. */
function pathsOf(rule: Rule): [string, string][] {
  const each = (member: string, paths: readonly string[] = []): [string, string][] =>
    paths.map((path) => [member, path])
  const own = (): [string, string][] => {
    switch (rule.rule) {
      case 'sum':
        return [...each('parts', rule.parts), ['equals', rule.equals]]
      case 'balance':
        return [...each('debit', rule.debit), ...each('credit', rule.credit)]
      case 'order':
        return [
          ['first', rule.first],
          ['then', rule.then],
        ]
      case 'line-amount':
        return [
          ...(['quantity', 'price', 'discount', 'amount'] as const).flatMap((member): [string, string][] =>
            rule[member] === undefined ? [] : [[member, `${rule.list}.*.${rule[member]}`]],
          ),
          ['currency', rule.currency],
        ]
      case 'period-open':
      case 'expression':
        return []
    }
  }
  return [...own(), ...each('when', rule.when), ...each('unless', rule.unless)]
}

function schemaKnows({ schema }: CollectionTemplate, place: Place, path: string): void {
  if (!schemaHas(schema, path))
    throw new TemplateInvalidError(pointer(...place), `the schema has no field "${path}"`)
}

function refuseTwice(names: readonly (readonly [Place, string])[], what: string): void {
  const seen = new Set<string>()
  for (const [place, name] of names) {
    if (seen.has(name))
      throw new TemplateInvalidError(pointer(...place), `there is another ${what} "${name}"`)
    seen.add(name)
  }
}
