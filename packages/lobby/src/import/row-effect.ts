/** What a row of a plan does when it is applied. */
import type { Body, ImportRow } from './types.ts'

export function writesRecord({ outcome }: Pick<ImportRow, 'outcome'>): boolean {
  return outcome === 'insert' || outcome === 'update' || outcome === 'merge' || outcome === 'delete'
}

/** The body that is stored, of a row that writes one; null where the record goes. */
export function writtenBody(row: Pick<ImportRow, 'outcome' | 'result' | 'incoming'>): Body | null {
  return row.outcome === 'delete' ? null : (row.result ?? row.incoming)
}
