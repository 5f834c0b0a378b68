/** Gives the stored rows of a collection the tokens of indexes it did not have, in one transaction. */
import { assertMayWrite } from '../keyring/roles.ts'
import { ConflictError, NoAccessError, ReadOnlyError } from '../errors.ts'
import { readingKey } from '../collection/read-key.ts'
import { Slices } from '../transaction/slices.ts'
import { readPages } from '../transaction/store-write.ts'
import type { TxOp } from '../types/store.ts'
import type { CollectionState, VaultCore } from '../vault/vault-core.ts'
import { indexesOf, indexName, type IndexFields } from './definition.ts'
import { coversAll, indexRowOp, type StoredIndexes } from './index-row.ts'
import { keepsTokens, type TokenStore } from './vault-indexes.ts'

/**
 * The indexes a query may use: those declared and stored, built first where that is needed and allowed. None on a store that
 * keeps no tokens.
 */
export async function usableIndexes(
  core: VaultCore,
  state: CollectionState,
): Promise<readonly IndexFields[]> {
  const declared = indexesOf(state.options.indexes ?? [])
  const { store } = core
  if (declared.length === 0 || !core.indexes.areKept || !keepsTokens(store)) return []
  if (!coversAll(await core.indexes.stored(state.name), declared) && mayBuild(core, state.name))
    await core.lock.run(() => build(core, store, state, declared))
  const names = new Set((await core.indexes.stored(state.name)).indexes.map(indexName))
  return declared.filter((fields) => names.has(indexName(fields)))
}

function mayBuild({ keys }: VaultCore, collection: string): boolean {
  try {
    assertMayWrite(keys, collection)
    return true
  } catch (error) {
    if (error instanceof ReadOnlyError || error instanceof NoAccessError) return false
    throw error
  }
}

async function build(
  core: VaultCore,
  store: TokenStore,
  state: CollectionState,
  declared: readonly IndexFields[],
): Promise<void> {
  const stored = await core.indexes.stored(state.name)
  if (coversAll(stored, declared)) return // while this one waited for the lock
  if ((await core.keys.find(state.name)) === undefined) return // nothing was ever written
  const next = { indexes: union(stored.indexes, declared), version: stored.version + 1 }
  try {
    await write(core, store, state.name, next)
    core.indexes.note(state.name, next)
  } catch (error) {
    core.indexes.forget()
    // Another instance built or wrote meanwhile: this query reads everything, the next one looks again.
    if (!(error instanceof ConflictError)) throw error
  }
}

function union(left: readonly IndexFields[], right: readonly IndexFields[]): IndexFields[] {
  return [...new Map([...left, ...right].map((fields) => [indexName(fields), fields])).values()]
}

async function write(
  core: VaultCore,
  store: TokenStore,
  collection: string,
  next: StoredIndexes,
): Promise<void> {
  const key = await readingKey(core.keys, collection)
  const ops: TxOp[] = [indexRowOp(core, key, collection, next)]
  const maker = core.indexes.maker(collection)
  const slices = new Slices()
  for await (const page of readPages(store, core.name, collection)) {
    for (const { id, envelope } of page) {
      const record: unknown = JSON.parse(core.keys.codec.open(key, { collection, id }, envelope))
      const tokens = maker.tokensOf(next.indexes, record)
      ops.push({ vault: core.name, collection, id, op: 'index', tokens, expectedVersion: envelope._v })
      if (slices.due()) await slices.pause()
    }
  }
  await store.tx(ops)
}

/** Whether `firstIndexes` has to look. */
export function mayBringIndexes({ indexes }: VaultCore, { name, rows, options }: CollectionState): boolean {
  const { length } = options.indexes ?? []
  return rows.isLarge && length > 0 && !(indexes.isKnown(name) && indexes.known(name).version > 0)
}

/** For a collection that gets its first rows: they are indexed as they are written. */
export async function firstIndexes(core: VaultCore, state: CollectionState): Promise<StoredIndexes | null> {
  if (!mayBringIndexes(core, state)) return null
  const declared = indexesOf(state.options.indexes ?? [])
  const { store } = core
  const stored = await core.indexes.stored(state.name)
  if (stored.version > 0 || store.listPage === undefined) return null
  const { items } = await store.listPage(core.name, state.name, undefined, 1)
  return items.length > 0 ? null : { indexes: declared, version: 1 }
}
