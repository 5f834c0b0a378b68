/** When an exchange counts as the sync of a surface. */
import type { SurfaceRow } from '../federation/registry/types.ts'
import type { SurfaceSide } from './agreement-types.ts'
import { sends, type Exchange } from './gate.ts'

/** Who sends is on time by sending, whatever arrives; who only receives is on time by taking. */
export function syncedRow(row: SurfaceRow, side: SurfaceSide, doing: Exchange, now: number): SurfaceRow {
  if (doing === 'apply' && sends(row.direction, side)) return row
  return { ...row, lastSyncAt: now, nextSyncDueAt: now + (row.cadenceMs ?? 0) }
}
