/** Values inside a record by dotted path: `shipAddress.city`, `lines.2.quantity`. Own members only. */
import type { FieldHint } from '../../src-shared/ipc/common.ts'

export type Body = Readonly<Record<string, unknown>>

export function valueAt(record: unknown, path: string): unknown {
  let value = record
  for (const step of path.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, step)) return undefined
    value = value[step]
  }
  return value
}

/** A copy with one value replaced; null and the empty text take the member away. */
export function withValue(record: Body, path: string, value: unknown): Body {
  return replace(record, path.split('.'), value) as Body // a record in, a record out
}

function replace(target: unknown, [step = '', ...rest]: string[], value: unknown): unknown {
  const next = rest.length === 0 ? value : replace(isObject(target) ? target[step] : undefined, rest, value)
  const gone = next === null || next === '' || next === undefined
  if (Array.isArray(target)) return target.map((entry: unknown, at) => (String(at) === step ? next : entry))
  const others = Object.entries(isObject(target) ? target : {}).filter(([key]) => key !== step)
  if (gone) return Object.fromEntries(others)
  const isKnown = isObject(target) && Object.hasOwn(target, step)
  return isKnown
    ? Object.fromEntries(Object.entries(target).map(([key, old]) => [key, key === step ? next : old]))
    : Object.fromEntries([...others, [step, next]])
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Fields of the record itself, without those that describe the entries of a list. */
export function ownFields(fields: readonly FieldHint[]): FieldHint[] {
  return fields.filter(({ path }) => !path.includes('.*.'))
}

/** Columns of a list's entries, each with its path inside one entry. */
export function entryFields(fields: readonly FieldHint[], list: string): FieldHint[] {
  const prefix = `${list}.*.`
  return fields
    .filter(({ path }) => path.startsWith(prefix))
    .map((field) => ({ ...field, path: field.path.slice(prefix.length) }))
}

export function listAt(record: unknown, path: string): readonly unknown[] {
  const value = valueAt(record, path)
  return Array.isArray(value) ? value : []
}

/** The currency a money field is in. */
export function currencyAt(record: unknown, hint: FieldHint): string | null {
  const value = hint.currencyPath === undefined ? undefined : valueAt(record, hint.currencyPath)
  return typeof value === 'string' ? value : null
}

export function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (!isObject(left) || !isObject(right)) return isNothing(left) && isNothing(right)
  const keys = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...keys].every((key) => sameValue(left[key], right[key]))
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || value === ''
}
