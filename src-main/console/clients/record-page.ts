/** Pages of a client's records: searched, sorted, and laid out by the template. */
import type { RecordEntry } from '@noy-db/hub'
import { type CompiledCollection, columnsOf, currencyOf, titleOf, valueAt } from '@klum-db/lobby/templates'
import type { FieldHint } from '../../../src-shared/ipc/common.ts'
import type { RecordRow } from '../../../src-shared/ipc/clients.ts'
import { matches } from './record-search.ts'

type Body = Record<string, unknown>
export type Entry = RecordEntry<Body>

export interface PageRequest {
  readonly search: string
  readonly sort?: { readonly path: string; readonly direction: 'asc' | 'desc' } | undefined
  readonly offset: number
  readonly limit: number
}

export interface RecordPage {
  rows: RecordRow[]
  total: number
  cursor: string | null
}

/** What is known of the records besides themselves. */
export interface RecordMarks {
  /** The open conflict of a record, if there is one. */
  readonly conflictOf: (id: string) => string | null
  readonly isClosed: (period: string) => boolean
}

export function pageOf(
  collection: CompiledCollection,
  entries: readonly Entry[],
  request: PageRequest,
  marks: RecordMarks,
): RecordPage {
  const found = entries.filter(matches(request.search))
  const sorted = found.sort(
    byPath(collection, request.sort ?? { path: firstColumn(collection), direction: 'asc' }),
  )
  const end = request.offset + request.limit
  const columns = columnsOf(collection)
  const rows = sorted.slice(request.offset, end).map((entry) => rowOf(collection, columns, entry, marks))
  return { rows, total: sorted.length, cursor: end < sorted.length ? String(end) : null }
}

function rowOf(
  collection: CompiledCollection,
  columns: readonly FieldHint[],
  { id, record, metadata }: Entry,
  { conflictOf, isClosed }: RecordMarks,
): RecordRow {
  const period = collection.periodOf(record)
  return {
    id,
    title: titleOf(collection, id, record),
    values: columns.map(({ path }) => valueAt(record, path) ?? null),
    currency: currencyOf(collection, record),
    version: metadata.version,
    changedAt: metadata.timestamp,
    conflictId: conflictOf(id),
    closed: period !== null && isClosed(period),
  }
}

function firstColumn(collection: CompiledCollection): string {
  return collection.columns[0] ?? ''
}

const natural = new Intl.Collator(undefined, { numeric: true })

/** Records without a value come last in either direction; ties go by id, so that pages never overlap. */
function byPath(collection: CompiledCollection, sort: { path: string; direction: 'asc' | 'desc' }) {
  const type = collection.fields.find(({ path }) => path === sort.path)?.type
  const turn = sort.direction === 'asc' ? 1 : -1
  return (a: Entry, b: Entry): number => {
    const [left, right] = [valueAt(a.record, sort.path), valueAt(b.record, sort.path)]
    if (isBlank(left) || isBlank(right)) return Number(isBlank(left)) - Number(isBlank(right)) || byId(a, b)
    return turn * compare(left, right, type) || byId(a, b)
  }
}

function compare(left: unknown, right: unknown, type: FieldHint['type'] | undefined): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  // Only their order: the decimals themselves stay text.
  if (type === 'decimal') return Number(left) - Number(right)
  return natural.compare(String(left), String(right))
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

function byId(a: Entry, b: Entry): number {
  return natural.compare(a.id, b.id)
}
