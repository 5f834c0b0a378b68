/**
 * `_indexes/<collection>`: which indexes the stored rows of a collection have tokens for. Every transaction that writes to
 * the collection checks that this row is as it was read, so no writer can leave a row out of an index it does not know.
 */
import type { RowKey } from '../crypto/row-codec.ts'
import { TamperedError } from '../errors.ts'
import type { EncryptedEnvelope, TxOp, TxWriteOp } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import { indexName, type IndexFields } from './definition.ts'

export const INDEXES = '_indexes'

export interface StoredIndexes {
  readonly indexes: readonly IndexFields[]
  /** Version of the row; 0 = there is none. */
  readonly version: number
}

export const NO_INDEXES: StoredIndexes = { indexes: [], version: 0 }

/** @throws TamperedError */
export function parseIndexRow(
  core: VaultCore,
  key: RowKey,
  collection: string,
  envelope: EncryptedEnvelope,
): StoredIndexes {
  const text = core.keys.codec.open(key, { collection: INDEXES, id: collection }, envelope)
  const indexes: unknown = JSON.parse(text)
  if (!isFieldLists(indexes)) throw new TamperedError(`The index list of ${collection} is none.`)
  return { indexes, version: envelope._v }
}

export function indexRowOp(core: VaultCore, key: RowKey, collection: string, next: StoredIndexes): TxOp {
  const address = { collection: INDEXES, id: collection }
  const clear = { version: next.version, ts: core.session.now(), by: core.keys.userId }
  const envelope = core.keys.codec.seal(key, address, clear, JSON.stringify(next.indexes))
  return { vault: core.name, ...address, op: 'put', envelope, expectedVersion: next.version - 1 }
}

/** For rows whose tokens are worth nothing any more, their key having changed: the next query builds them anew. */
export async function dropIndexOps(
  { store, name: vault }: VaultCore,
  collections: readonly string[],
): Promise<TxWriteOp[]> {
  if (store.listByToken === undefined) return []
  const stored = new Set(await store.list(vault, INDEXES))
  const dropped = collections.filter((collection) => stored.has(collection))
  return dropped.map((id) => ({ vault, collection: INDEXES, id, op: 'delete' }))
}

export function coversAll({ indexes }: StoredIndexes, wanted: readonly IndexFields[]): boolean {
  const names = new Set(indexes.map(indexName))
  return wanted.every((fields) => names.has(indexName(fields)))
}

function isFieldLists(value: unknown): value is IndexFields[] {
  const isFields = (one: unknown): boolean =>
    Array.isArray(one) && one.every((field) => typeof field === 'string')
  return Array.isArray(value) && value.every(isFields)
}
