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
  if (op.op === 'copy' || op.envelope === undefined)
    throw new ValidationError(`A ${op.op} of ${op.collection}/${op.id} needs an envelope on this store.`)
  // "Must be absent" is not something such a store's put can check; the caller has looked.
  const expected = op.expectedVersion === 0 ? undefined : op.expectedVersion
  if (expected === undefined) return store.put(op.vault, op.collection, op.id, op.envelope)
  return store.put(op.vault, op.collection, op.id, op.envelope, expected)
}

const CHUNK = 500

/** In the order of `ids`, null where absent. */
export async function readRows(
  store: NoydbStore,
  vault: string,
  collection: string,
  ids: readonly string[],
): Promise<Array<EncryptedEnvelope | null>> {
  const found: Array<EncryptedEnvelope | null> = []
  for (let start = 0; start < ids.length; start += CHUNK) {
    const chunk = ids.slice(start, start + CHUNK)
    const rows =
      store.getMany !== undefined && chunk.length > 1
        ? await store.getMany(vault, collection, chunk)
        : await Promise.all(chunk.map((id) => store.get(vault, collection, id)))
    for (const row of rows) found.push(row)
  }
  return found
}

export interface StoredRow {
  readonly id: string
  readonly envelope: EncryptedEnvelope
}

/** Every row of a collection, a page at a time. Rows deleted while it runs are left out. */
export async function* readPages(
  store: NoydbStore,
  vault: string,
  collection: string,
): AsyncGenerator<readonly StoredRow[]> {
  if (store.listPage === undefined) return yield* readByIds(store, vault, collection)
  let page: Promise<ListPageResult> | null = store.listPage(vault, collection, undefined, CHUNK)
  while (page !== null) {
    const { items, nextCursor }: ListPageResult = await page
    // The next page is read while the caller works on this one.
    page = nextCursor === null ? null : store.listPage(vault, collection, nextCursor, CHUNK)
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
