/** What two records agree in when they may be the same document under two ids. */
import { canonicalJson } from '../canonical-json.ts'
import { valueAt } from './field-values.ts'

/** Null where a part is missing or empty: nothing can be said then. Case and surrounding blanks do not tell documents apart. */
export function naturalKeyOf(paths: readonly string[], record: unknown): string | null {
  const parts = paths.map((path) => normal(valueAt(record, path)))
  return paths.length === 0 || parts.includes(null) ? null : canonicalJson(parts)
}

function normal(value: unknown): string | number | boolean | null {
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (typeof value !== 'string') return null
  const text = value.normalize('NFC').trim().toLowerCase()
  return text === '' ? null : text
}
