/** Writing several rows through the store port, and reading many. */
import { ValidationError } from '../errors.ts'
import type { EncryptedEnvelope, ListPageResult, NoydbStore, TxOp } from '../types/store.ts'

/** One transaction where the store has them; else one row after the other, in the order given. */
export async function writeRows(store: NoydbStore, ops: readonly TxOp[]): Promise<void> {
  if (ops.length === 0) return
  if (store.tx !== undefined) return store.tx(ops)
  for (const op of ops) await writeRow(store, op)
}

async function writeRow(store: NoydbStore, op: TxOp): Promise<void> {
  if (op.op === 'delete') return store.delete(op.vault, op.collection, op.id)
  if (op.op !== 'put' || op.envelope === undefined)
    throw new ValidationError(`A ${op.op} of ${op.collection}/${op.id} needs an envelope on this store.`)
  // "Must be absent" is not something such a store's put can check; the caller has looked.
  const expected = op.expectedVersion === 0 ? undefined : op.expectedVersion
  if (expected === undefined) return store.put(op.vault, op.collection, op.id, op.envelope)
  return store.put(op.vault, op.collection, op.id, op.envelope, expected)
}

const CHUNK = 500

type Found = Array<EncryptedEnvelope | null>

/** In the order of `ids`, null where absent. */
export async function readRows(
  store: NoydbStore,
  vault: string,
  collection: string,
  ids: readonly string[],
): Promise<Found> {
  if (ids.length <= CHUNK) return readChunk(store, vault, collection, ids)
  const found: Found = []
  for await (const chunk of readChunks(store, vault, collection, ids))
    for (const row of chunk) found.push(row)
  return found
}

/** The same a chunk at a time; the next is read while the caller works on this one. */
export async function* readChunks(
  store: NoydbStore,
  vault: string,
  collection: string,
  ids: readonly string[],
): AsyncGenerator<Found> {
  let next = readChunk(store, vault, collection, ids.slice(0, CHUNK))
  for (let start = 0; start < ids.length; start += CHUNK) {
    const chunk = await next
    const after = start + CHUNK
    if (after < ids.length) next = readChunk(store, vault, collection, ids.slice(after, after + CHUNK))
    next.catch(() => undefined) // reported where it is awaited; the caller may also stop before that
    yield chunk
  }
}

function readChunk(
  store: NoydbStore,
  vault: string,
  collection: string,
  ids: readonly string[],
): Promise<Found> {
  if (store.getMany !== undefined && ids.length > 1) return store.getMany(vault, collection, ids)
  return Promise.all(ids.map((id) => store.get(vault, collection, id)))
}

export interface StoredRow {
  readonly id: string
  readonly envelope: EncryptedEnvelope
}

/** The ids in the order of `list`, the order of a cache; null where `readPages` gives rows in that order anyway. */
export async function listOrder(
  store: NoydbStore,
  vault: string,
  collection: string,
): Promise<readonly string[] | null> {
  if (store.listPage === undefined || store.capabilities?.idOrder === true) return null
  return store.list(vault, collection)
}

/** Every row of a collection, a page at a time. Rows deleted while it runs are left out. */
export async function* readPages(
  store: NoydbStore,
  vault: string,
  collection: string,
): AsyncGenerator<readonly StoredRow[]> {
  if (store.listPage === undefined) return yield* readByIds(store, vault, collection)
  yield* pagesOf((cursor, limit) => store.listPage?.(vault, collection, cursor, limit))
}

/** The rows found under any of the tokens, a page at a time. */
export function readFound(
  store: NoydbStore,
  vault: string,
  collection: string,
  tokens: readonly string[],
): AsyncGenerator<readonly StoredRow[]> {
  return pagesOf((cursor, limit) => store.listByToken?.(vault, collection, tokens, cursor, limit))
}

async function* pagesOf(
  read: (cursor: string | undefined, limit: number) => Promise<ListPageResult> | undefined,
): AsyncGenerator<readonly StoredRow[]> {
  let page = read(undefined, CHUNK)
  while (page !== undefined) {
    const { items, nextCursor }: ListPageResult = await page
    // The next page is read while the caller works on this one.
    page = nextCursor === null ? undefined : read(nextCursor, CHUNK)
    page?.catch(() => undefined) // reported where it is awaited; the caller may also stop before that
    yield items
  }
}

async function* readByIds(store: NoydbStore, vault: string, collection: string) {
  const ids = await store.list(vault, collection)
  for (let start = 0; start < ids.length; start += CHUNK) {
    const chunk = ids.slice(start, start + CHUNK)
    const rows = await readRows(store, vault, collection, chunk)
    yield chunk.flatMap((id, at) => {
      const envelope = rows[at]
      return envelope === null || envelope === undefined ? [] : [{ id, envelope }]
    })
  }
}
