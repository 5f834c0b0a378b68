/** Canonical JSON: object keys sorted by code unit at every level, arrays in order, no whitespace. */
import { hash } from 'node:crypto'

/** Members that JSON cannot hold (`undefined`, functions) are left out, as `JSON.stringify` does. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`
  if (value === undefined || typeof value === 'function') return 'null'
  if (typeof value !== 'object' || value === null || value instanceof Date) return JSON.stringify(value)
  return objectText(value)
}

/** Appended to one text: a list of members per object is what a plan of 10,000 bodies waits for. */
function objectText(value: object): string {
  const members = value as Readonly<Record<string, unknown>> // read by own keys only
  let text = ''
  for (const key of Object.keys(value).sort()) {
    const member = members[key]
    if (member === undefined || typeof member === 'function') continue
    text += `${text === '' ? '{' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`
  }
  return text === '' ? '{}' : `${text}}`
}

/** 64 lowercase hex characters over the canonical JSON of `value`. */
export function hashJson(value: unknown): string {
  return sha256(canonicalJson(value))
}

export function sha256(bytes: Uint8Array | string): string {
  return hash('sha256', bytes)
}
