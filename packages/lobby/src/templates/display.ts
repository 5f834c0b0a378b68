/** How records of a template are titled, labelled and laid out. */
import type { CompiledCollection } from './compile.ts'
import { valueAt } from './field-values.ts'
import type { FieldHint } from './format.ts'

type Body = Readonly<Record<string, unknown>>

/** "Invoice 10248"; the storage id where the record has nothing to be called by. */
export function titleOf(collection: CompiledCollection | undefined, id: string, record: Body | null): string {
  if (collection === undefined) return id
  const values = [...collection.title.matchAll(/\{([^}]+)\}/g)].map(([, path = '']) => textAt(record, path))
  if (values.every((value) => value === '')) return `${collection.label.one} ${id}`
  let at = 0
  return collection.title.replace(/\{[^}]+\}/g, () => values[at++] ?? '').trim()
}

function textAt(record: Body | null, path: string): string {
  const value = valueAt(record, path)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

export function currencyOf(collection: CompiledCollection | undefined, record: Body | null): string | null {
  const value = collection?.currency === undefined ? undefined : valueAt(record, collection.currency)
  return typeof value === 'string' ? value : null
}

export function columnsOf(collection: CompiledCollection): FieldHint[] {
  return collection.columns.flatMap((path) => collection.fields.find((field) => field.path === path) ?? [])
}

/** Hint of any path, with a label that names the list entry: `lines.2.quantity` -> "Line 2: Quantity". */
export function hintFor(collection: CompiledCollection | undefined, path: string): FieldHint {
  const exact = collection?.fields.find((field) => field.path === path)
  if (exact) return exact
  const [list = '', entry = '', ...rest] = path.split('.')
  const described = collection !== undefined && Object.hasOwn(collection.lists, list)
  if (described && entry !== '') return entryHint(collection, { list, entry, rest: rest.join('.') }, path)
  return { path, label: plainLabel(path), type: 'text' }
}

interface EntryPath {
  readonly list: string
  readonly entry: string
  readonly rest: string
}

function entryHint(collection: CompiledCollection | undefined, at: EntryPath, path: string): FieldHint {
  const pattern = collection?.lists[at.list]?.label ?? at.list
  const name = pattern.replace(/\{[^}]+\}/, at.entry)
  const inner = collection?.fields.find((field) => field.path === `${at.list}.*.${at.rest}`)
  if (at.rest === '') return { path, label: name, type: 'object' }
  if (inner === undefined) return { path, label: `${name}: ${plainLabel(at.rest)}`, type: 'text' }
  return { ...inner, path, label: `${name}: ${inner.label}` }
}

/** Place of a path in the template's order; unknown fields come last, by name. */
export function orderOf(collection: CompiledCollection | undefined, path: string): number {
  const fields = collection?.fields ?? []
  const [list = '', , ...rest] = path.split('.')
  const candidates = [path, `${list}.*.${rest.join('.')}`, list]
  for (const candidate of candidates) {
    const at = fields.findIndex((field) => field.path === candidate)
    if (at >= 0) return at
  }
  const group = fields.findIndex((field) => field.path.startsWith(`${list}.`))
  return group >= 0 ? group : fields.length
}

/** "shipName" -> "Ship name", for fields no template describes. */
function plainLabel(path: string): string {
  const words = path
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('.', ' ')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
