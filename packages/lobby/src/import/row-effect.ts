/** What a row of a plan does when it is applied. */
import type { Body, ImportRow } from './types.ts'

export function writesRecord({ outcome }: Pick<ImportRow, 'outcome'>): boolean {
  return outcome === 'insert' || outcome === 'update' || outcome === 'merge'
}

/** The body that is stored, of a row that writes one. */
export function writtenBody(row: Pick<ImportRow, 'result' | 'incoming'>): Body {
  return row.result ?? row.incoming
}
