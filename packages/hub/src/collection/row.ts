/** A stored row as memory holds it. */
import type { RowClear } from '../crypto/row-codec.ts'
import type { RecordEntry, RecordMetadata } from '../types/collection.ts'
import type { EncryptedEnvelope } from '../types/store.ts'
import { cloneJson } from './json-value.ts'

/** `record` is shared with the cache: copy it before it leaves the hub. */
export interface Row extends RowClear {
  readonly id: string
  readonly record: unknown
}

export function clearOf(envelope: EncryptedEnvelope): RowClear {
  return {
    version: envelope._v,
    ts: envelope._ts,
    ...(envelope._by !== undefined && { by: envelope._by }),
    ...(envelope._source !== undefined && { source: envelope._source }),
    ...(envelope._sourceTs !== undefined && { sourceTs: envelope._sourceTs }),
  }
}

export function rowOf(id: string, record: unknown, envelope: EncryptedEnvelope): Row {
  const { _v: version, _ts: ts, _by: by, _source, _sourceTs } = envelope
  // Nearly every row, at a third of what the general case costs.
  if (by !== undefined && _source === undefined && _sourceTs === undefined)
    return { id, record, version, ts, by }
  return { id, record, ...clearOf(envelope) }
}

export function metadataOf(clear: RowClear): RecordMetadata {
  return {
    version: clear.version,
    timestamp: clear.ts,
    ...(clear.by !== undefined && { by: clear.by }),
    ...(clear.source !== undefined && { source: clear.source }),
    ...(clear.sourceTs !== undefined && { sourceTs: clear.sourceTs }),
  }
}

export function entryOf<T>(row: Row): RecordEntry<T> {
  // The type a collection was opened with is the caller's claim; a schema is what checks it.
  return { id: row.id, record: cloneJson(row.record) as T, metadata: metadataOf(row) }
}
