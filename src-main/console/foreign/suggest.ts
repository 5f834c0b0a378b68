/** What the columns of a file seem to be for in one collection: by their names, where their values allow it. */
import type { CompiledCollection } from '@klum-db/lobby/templates'
import type { ColumnView, Conversion, ForeignKind, Suggestion } from '../../../src-shared/ipc/foreign.ts'
import { canHold, conversionFor } from '../../../src-shared/model/field-conversion.ts'
import { mappedFields } from '../../../src-shared/model/mapped-fields.ts'
import { isCalledSo, isRate, plain } from './column-names.ts'
import { singleLine } from './single-line.ts'
import { isOfLine, targetFields, targetList, type TargetField, type TargetList } from './target-list.ts'

export interface Suggestions {
  readonly fields: TargetField[]
  readonly list: (TargetList & Record<'grouped' | 'single', Suggestion | null>) | null
  readonly suggested: Suggestion | null
}

/** Rows are lines where a column is for a figure of lines; else each is a record, with one line where it cannot do without. */
export function suggestMappings(
  collection: CompiledCollection,
  columns: readonly ColumnView[],
  kind: ForeignKind,
): Suggestions {
  const fields = targetFields(collection, kind)
  const list = targetList(collection, kind)
  const own = fields.filter(({ path }) => list === null || !isOfLine(path, list.path))
  const each = suggestionOf(pairsOf(collection, own, columns), { collection, fields, columns })
  if (list === null) return { fields, list, suggested: each }
  const ofLines = fields.filter((field) => !own.includes(field))
  const pairs = pairsOf(collection, [...ofLines, ...own], columns)
  const at = { collection, fields, columns, list }
  const grouped = suggestionOf(pairs, at, 'grouped')
  const single = suggestionOf(pairsOf(collection, own, columns), at, 'single')
  const hasLines = pairs.some(([{ path, type }]) => isOfLine(path, list.path) && type === 'decimal')
  const suggested = hasLines ? grouped : list.needed ? single : each
  return { fields, list: { ...list, grouped, single }, suggested }
}

type Pair = readonly [TargetField, ColumnView]

/** What has the very name goes before what has another. */
function pairsOf(
  collection: CompiledCollection,
  targets: readonly TargetField[],
  columns: readonly ColumnView[],
): Pair[] {
  const free = new Set(columns)
  const pairs: Pair[] = []
  for (const isFor of [isCalled, isCalledSo]) {
    for (const field of targets) {
      if (pairs.some(([taken]) => taken === field)) continue
      const column = [...free].find((one) => canHold(field.type, one) && isFor(field, one.name, collection))
      if (column === undefined) continue
      free.delete(column)
      pairs.push([field, column])
    }
  }
  return pairs
}

interface At {
  readonly collection: CompiledCollection
  readonly fields: readonly TargetField[]
  readonly columns: readonly ColumnView[]
  readonly list?: TargetList
}

/** Null where no column fits. */
function suggestionOf(
  pairs: readonly Pair[],
  { collection, fields, columns, list }: At,
  rows?: 'grouped' | 'single',
): Suggestion | null {
  if (pairs.length === 0) return null
  const currency = pairs.find(([field]) => field.path === collection.currency)?.[1].name
  const chosen = new Map<string, Conversion>()
  for (const field of fields) {
    const column = pairs.find(([one]) => one === field)?.[1]
    if (column !== undefined) chosen.set(field.path, conversionFor(field.type, column, currency))
  }
  if (list !== undefined && rows === 'single') {
    for (const [path, from] of singleLine(collection, list, chosen)) chosen.set(path, from)
  }
  if (rows !== undefined) for (const [path, from] of totals(fields, columns, chosen)) chosen.set(path, from)
  const key = rows === undefined ? keyOf(columns) : (numberOf(collection, chosen) ?? keyOf(columns))
  const lines =
    list === undefined || rows === undefined ? {} : { lines: { path: list.path, id: list.id, rows } }
  return { key, emptyWords: ['NULL'], fields: mappedFields(chosen, fields), ...lines }
}

/** Amounts that no column has, where the template says of what they are made. */
function totals(
  fields: readonly TargetField[],
  columns: readonly ColumnView[],
  chosen: ReadonlyMap<string, Conversion>,
): [string, Conversion][] {
  const rate = columns.find(({ name, type }) => isRate(name) && type !== 'date')
  return fields
    .filter(({ path }) => !chosen.has(path))
    .flatMap(({ path, sumOf, rateOf }): [string, Conversion][] => {
      if (sumOf !== undefined) return [[path, { as: 'sum', of: sumOf }]]
      if (rateOf === undefined || rate === undefined) return []
      return [[path, { as: 'rate', column: rate.name, mark: rate.decimalMark ?? '.', per: 100, of: rateOf }]]
    })
}

function isCalled(
  { path, label }: TargetField,
  column: string,
  { label: { one } }: CompiledCollection,
): boolean {
  const last = path.split('.').at(-1) ?? path
  return [path, last, label, `${one}${last}`].some((name) => plain(name) === plain(column))
}

/** What names a record in its title names its rows. */
function numberOf(
  { title }: CompiledCollection,
  chosen: ReadonlyMap<string, Conversion>,
): string[] | undefined {
  const from = chosen.get(/\{([^}]*)\}/.exec(title)?.[1] ?? '')
  return from?.as === 'text' ? [from.column] : undefined
}

/** What looks like an id or a number of its own, else the first column: the check says which keys come twice. */
function keyOf(columns: readonly ColumnView[]): string[] {
  const looksLikeKey = ({ name }: ColumnView): boolean =>
    /(id|no|nr|number|nummer|code|key|reference)$/.test(plain(name))
  const [first] = columns
  const found = columns.find(looksLikeKey) ?? first
  return found === undefined ? [] : [found.name]
}
