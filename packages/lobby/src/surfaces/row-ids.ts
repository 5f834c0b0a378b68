/** Ids of rows that belong to one agreement and are numbered. */
import { sha256 } from '../canonical-json.ts'

/** Of a fixed form, so that no surface's id is the beginning of another's. */
export function rowPrefix(surface: string): string {
  return `${sha256(surface).slice(0, 40)}/`
}

/** In the order of the numbers. */
export function numberedRow(prefix: string, number: number): string {
  return `${prefix}${String(number).padStart(9, '0')}`
}
