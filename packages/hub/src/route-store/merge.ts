/** Answers of several stores about one vault, put together. */
import type { EncryptedEnvelope, StoreStats, VaultSnapshot } from '../types/store.ts'

export function unique<T>(values: Iterable<T>): T[] {
  return [...new Set(values)]
}

/** Where two stores hold one row, the newer `_ts` wins; the first on a tie. */
export function mergeSnapshots(snapshots: readonly VaultSnapshot[]): VaultSnapshot {
  const merged = new Map<string, Map<string, EncryptedEnvelope>>()
  for (const snapshot of snapshots) {
    for (const [collection, rows] of Object.entries(snapshot)) {
      const target = merged.get(collection) ?? new Map<string, EncryptedEnvelope>()
      merged.set(collection, target)
      for (const [id, row] of Object.entries(rows)) {
        const held = target.get(id)
        if (held === undefined || held._ts < row._ts) target.set(id, row)
      }
    }
  }
  return Object.fromEntries([...merged].map(([name, rows]) => [name, Object.fromEntries(rows)]))
}

export function mergeStats(parts: readonly StoreStats[]): StoreStats {
  const collections = new Map<string, { records: number; bytes: number }>()
  for (const [name, one] of parts.flatMap((part) => Object.entries(part.collections))) {
    const held = collections.get(name) ?? { records: 0, bytes: 0 }
    collections.set(name, { records: held.records + one.records, bytes: held.bytes + one.bytes })
  }
  return {
    records: parts.reduce((total, part) => total + part.records, 0),
    bytes: parts.reduce((total, part) => total + part.bytes, 0),
    collections: Object.fromEntries(collections),
  }
}
