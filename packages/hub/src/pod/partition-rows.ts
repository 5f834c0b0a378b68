/** The stored rows of a closure, a few hundred at a time. */
import type { EncryptedEnvelope, NoydbStore } from '../types/store.ts'
import { readRows as readMany } from '../transaction/store-write.ts'

const CHUNK = 200

export interface StoredRow {
  readonly id: string
  /** Null where a reference leads to no record. */
  readonly envelope: EncryptedEnvelope | null
}

export async function* readRows(
  store: NoydbStore,
  vault: string,
  collection: string,
  ids: Iterable<string>,
): AsyncGenerator<StoredRow> {
  const all = [...ids]
  for (let at = 0; at < all.length; at += CHUNK) {
    const some = all.slice(at, at + CHUNK)
    const envelopes = await readMany(store, vault, collection, some)
    for (const [offset, id] of some.entries()) yield { id, envelope: envelopes[offset] ?? null }
  }
}

export function countIds(closure: ReadonlyMap<string, ReadonlySet<string>>): number {
  let count = 0
  for (const ids of closure.values()) count += ids.size
  return count
}
