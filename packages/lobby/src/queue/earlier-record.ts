/** Records put back as they were, with their provenance. */
import type { PutOptions, RecordEntry, Transaction, VaultApi } from '@noy-db/hub'
import { jsonEquals } from '@noy-db/hub/kernel'
import type { Body } from '../import/types.ts'
import type { EarlierRecord } from './types.ts'

export function earlierOf(entry: RecordEntry<Body> | null): EarlierRecord | null {
  if (entry === null) return null
  const { source, sourceTs } = entry.metadata
  return { record: entry.record, ...provenance(source, sourceTs) }
}

export function provenance(source: string | undefined, sourceTs: string | undefined): PutOptions {
  return { ...(source !== undefined && { source }), ...(sourceTs !== undefined && { sourceTs }) }
}

export interface RecordAddress {
  readonly collection: string
  readonly id: string
  /** Stored now; 0 = absent. */
  readonly version: number
}

/** Writes `earlier`, or deletes where there was nothing; nothing at all where that is how it is already. */
export function putBack(
  tx: Transaction,
  vault: VaultApi,
  at: RecordAddress,
  earlier: EarlierRecord | null,
): void {
  const { collection, id, version } = at
  if (earlier !== null) {
    const { record, source, sourceTs } = earlier
    tx.put(vault, collection, id, record, { expectedVersion: version, ...provenance(source, sourceTs) })
  } else if (version > 0) {
    tx.delete(vault, collection, id, { expectedVersion: version })
  }
}

export function isBody(entry: RecordEntry<Body> | null, body: Body | null): boolean {
  return body === null || entry === null ? body === null && entry === null : jsonEquals(entry.record, body)
}
