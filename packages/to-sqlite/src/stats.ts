import type { StoreStats } from '@noy-db/hub/store'
import type { CollectionStats } from './host/protocol.ts'

/** Totals over collections, and each by name. */
export function statsOf(rows: readonly CollectionStats[]): StoreStats {
  return {
    records: rows.reduce((sum, { records }) => sum + records, 0),
    bytes: rows.reduce((sum, { bytes }) => sum + bytes, 0),
    collections: Object.fromEntries(rows.map(({ name, records, bytes }) => [name, { records, bytes }])),
  }
}
