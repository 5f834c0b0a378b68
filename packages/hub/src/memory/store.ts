/** The store kept in nested maps: for tests, previews and imports that are thrown away. */
import { ConflictError, ValidationError } from '../errors.ts'
import type {
  EncryptedEnvelope,
  ListPageResult,
  NoydbStore,
  StoreStats,
  TxOp,
  VaultSnapshot,
} from '../types/store.ts'
import { VaultRows } from './rows.ts'
import { TokenRows } from './tokens.ts'
import { applyTransaction } from './transaction.ts'

const DEFAULT_PAGE = 100

/** What `memory()` gives: every optional method of the port but `listSince`. */
export type MemoryStore = NoydbStore & Required<Omit<NoydbStore, 'listSince'>>

/** A fresh, independent store. */
export function memory(): MemoryStore {
  const rows = new VaultRows()
  const tokens = new TokenRows()
  return {
    name: 'memory',
    capabilities: {
      casAtomic: true,
      txAtomic: true,
      txCopy: true,
      auth: { kind: 'none', required: false, flow: 'static' },
    },
    ...mandatoryMethods(rows),
    ...optionalMethods(rows, tokens),
  }
}

type Mandatory = 'get' | 'put' | 'delete' | 'list' | 'loadAll' | 'saveAll'

function mandatoryMethods(rows: VaultRows): Pick<MemoryStore, Mandatory> {
  return {
    async get(vault, collection, id) {
      return rows.get(vault, collection, id)
    },
    async put(vault, collection, id, envelope, expectedVersion) {
      const stored = rows.get(vault, collection, id)
      if (expectedVersion !== undefined && stored !== null && stored._v !== expectedVersion) {
        throw new ConflictError(stored._v)
      }
      rows.set(vault, collection, id, envelope)
    },
    async delete(vault, collection, id) {
      rows.delete(vault, collection, id)
    },
    async list(vault, collection) {
      return rows.ids(vault, collection)
    },
    async loadAll(vault) {
      return snapshot(rows, vault)
    },
    async saveAll(vault, data) {
      replaceUserCollections(rows, vault, data)
    },
  }
}

function optionalMethods(
  rows: VaultRows,
  tokens: TokenRows,
): Omit<MemoryStore, Mandatory | 'name' | 'capabilities'> {
  return {
    async ping() {
      return true
    },
    async listVaults() {
      return rows.vaultNames()
    },
    async listPage(vault, collection, cursor, limit = DEFAULT_PAGE) {
      const ids = rows.sortedIds(vault, collection)
      return page(rows, { vault, collection, ids }, cursor, limit)
    },
    async listByToken(vault, collection, wanted, cursor, limit = DEFAULT_PAGE) {
      const ids = tokens.idsOf(rows, vault, collection, wanted)
      return page(rows, { vault, collection, ids }, cursor, limit)
    },
    async getMany(vault, collection, ids) {
      return ids.map((id) => rows.get(vault, collection, id))
    },
    async listCollections(vault) {
      return rows.collections(vault).map(([name]) => name)
    },
    async tx(ops) {
      applyTransaction(rows, tokens, ops)
    },
    async txStream(batches) {
      const ops: TxOp[] = []
      for await (const batch of batches) for (const op of batch) ops.push(op)
      applyTransaction(rows, tokens, ops)
    },
    async stats(vault) {
      return measure(rows, vault)
    },
  }
}

// Object.fromEntries defines own members, so that an id or a name of `__proto__` is a row like any other.
function snapshot(rows: VaultRows, vault: string): VaultSnapshot {
  const collections = rows.collections(vault).filter(([name]) => !name.startsWith('_'))
  return Object.fromEntries(collections.map(([name, byId]) => [name, Object.fromEntries(byId)]))
}

function replaceUserCollections(rows: VaultRows, vault: string, data: VaultSnapshot): void {
  for (const [name] of rows.collections(vault)) {
    if (!name.startsWith('_')) rows.dropCollection(vault, name)
  }
  for (const [name, byId] of Object.entries(data)) {
    if (name.startsWith('_')) continue
    for (const [id, envelope] of Object.entries(byId)) rows.set(vault, name, id, envelope)
  }
}

/** The cursor is the offset of the next row, as text. */
function page(
  rows: VaultRows,
  { vault, collection, ids }: { vault: string; collection: string; ids: readonly string[] },
  cursor: string | undefined,
  limit: number,
): ListPageResult {
  const offset = cursor === undefined ? 0 : Number(cursor)
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw new ValidationError('This is no cursor of this store.')
  const end = offset + Math.max(1, Math.trunc(limit))
  const items = ids.slice(offset, end).flatMap((id) => {
    const envelope = rows.get(vault, collection, id)
    return envelope === null ? [] : [{ id, envelope }]
  })
  return { items, nextCursor: end < ids.length ? String(end) : null }
}

function measure(rows: VaultRows, vault: string): StoreStats {
  const perCollection = rows
    .collections(vault)
    .map(([name, byId]) => [name, { records: byId.size, bytes: payloadBytes(byId.values()) }] as const)
  return {
    records: perCollection.reduce((total, [, one]) => total + one.records, 0),
    bytes: perCollection.reduce((total, [, one]) => total + one.bytes, 0),
    collections: Object.fromEntries(perCollection),
  }
}

function payloadBytes(envelopes: Iterable<EncryptedEnvelope>): number {
  let bytes = 0
  for (const envelope of envelopes) bytes += Buffer.byteLength(envelope._data)
  return bytes
}
