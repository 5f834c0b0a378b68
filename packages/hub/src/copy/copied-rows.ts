/** Every row of a vault as it is stored, for a copy of it. Nothing is decrypted. */
import { StoreCapabilityError } from '../errors.ts'
import { compareIds } from '../memory/id-order.ts'
import { readPages, writeRows } from '../transaction/store-write.ts'
import type { LongWork } from '../types/collection.ts'
import type { EncryptedEnvelope, NoydbStore, TxOp } from '../types/store.ts'
import type { VaultApi } from '../types/vault.ts'
import { coreOf } from '../vault/core-of.ts'
import { ACCESS_COLLECTIONS, isAccessRow } from './access-rows.ts'

export interface CopiedRow {
  readonly collection: string
  readonly id: string
  readonly envelope: EncryptedEnvelope
}

/** Unfinished work, and index lists, whose tokens no copy has: the next query builds them anew. */
const NOT_COPIED = new Set(['_tx', '_rotation_ops', '_indexes'])

/**
 * Hands the rows to `use`, those of access first, then by collection name, in the store's order of ids. Nobody writes to the
 * vault meanwhile, so `use` may not either. @throws StoreCapabilityError where the store cannot name its collections
 */
export function readVault<T>(
  vault: VaultApi,
  use: (rows: AsyncIterable<readonly CopiedRow[]>) => Promise<T>,
): Promise<T> {
  const { store, name, lock, session } = coreOf(vault)
  session.assertOpen()
  return lock.run(() => use(rowsOf(store, name)))
}

/** Into another store, under the same name: all or nothing where that has `txStream`. */
export function copyVault(vault: VaultApi, target: NoydbStore, { signal }: LongWork = {}): Promise<void> {
  return readVault(vault, async (rows) => {
    const puts = putsOf(vault.name, rows, signal)
    if (target.txStream !== undefined) return target.txStream(puts)
    for await (const ops of puts) await writeRows(target, ops)
  })
}

async function* putsOf(
  vault: string,
  rows: AsyncIterable<readonly CopiedRow[]>,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly TxOp[]> {
  for await (const page of rows) {
    signal?.throwIfAborted()
    yield page.map((row): TxOp => ({ vault, op: 'put', ...row }))
  }
}

/** To be read under the vault's lock. */
export async function* rowsOf(store: NoydbStore, vault: string): AsyncGenerator<readonly CopiedRow[]> {
  for (const collection of await copiedCollections(store, vault)) {
    for await (const page of readPages(store, vault, collection))
      yield page.map(({ id, envelope }) => ({ collection, id, envelope }))
  }
}

export async function copiedCollections(store: NoydbStore, vault: string): Promise<string[]> {
  if (store.listCollections === undefined)
    throw new StoreCapabilityError('listCollections', 'A copy of a vault', store.name)
  const names = (await store.listCollections(vault)).filter((name) => !NOT_COPIED.has(name))
  const rest = names.filter((name) => !isAccessRow(name)).sort(compareIds)
  return [...ACCESS_COLLECTIONS.filter((name) => names.includes(name)), ...rest]
}
