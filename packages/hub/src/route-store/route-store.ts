/**
 * One store made of several: whole vaults by name prefix, else user collections by name, else the default.
 * `tx` is there where every backend has it and each vault lies in one of them: a transaction whose rows live
 * in one backend is that backend's, and one over two is refused before anything is written. Elsewhere there
 * is no `tx` at all, so that the hub uses its written intent, which needs none (docs/adr/0032).
 */
import { StoreCapabilityError } from '../errors.ts'
import type { EncryptedEnvelope, NoydbStore, StoreCapabilities, TxOp, VaultSnapshot } from '../types/store.ts'
import { mergeSnapshots, mergeStats, unique } from './merge.ts'
import { readRows } from '../transaction/store-write.ts'

export interface RouteStoreOptions {
  readonly default: NoydbStore
  /**
   * Prefix of a vault name -> the store of every collection of that vault; the first match wins. Prefixes that are
   * whole numbers come first, in numeric order: that is how objects keep their members.
   */
  readonly vaultRoutes?: Record<string, NoydbStore>
  /** User collection -> store, in vaults without a route of their own. */
  readonly routes?: Record<string, NoydbStore>
}

export interface RoutedNoydbStore extends NoydbStore {
  /** The store that holds the vault's reserved collections: prefix match, else the default. */
  resolveBackend(vaultId: string): NoydbStore
}

export function routeStore(options: RouteStoreOptions): RoutedNoydbStore {
  const router = new Router(options)
  return { ...rowMethods(router), ...snapshotMethods(router), ...optionalMethods(router) }
}

class Router {
  readonly fallback: NoydbStore
  readonly #prefixes: ReadonlyArray<[prefix: string, store: NoydbStore]>
  readonly #collections: ReadonlyMap<string, NoydbStore>
  /** Every distinct store. */
  readonly members: readonly NoydbStore[]
  /** Every store has transactions, and no vault's rows are in two. */
  readonly hasTransactions: boolean

  constructor(options: RouteStoreOptions) {
    this.fallback = options.default
    this.#prefixes = Object.entries(options.vaultRoutes ?? {})
    this.#collections = new Map(Object.entries(options.routes ?? {}))
    const routed = this.#prefixes.map(([, store]) => store)
    this.members = unique([this.fallback, ...this.#collections.values(), ...routed])
    const splitsVaults = unique([this.fallback, ...this.#collections.values()]).length > 1
    this.hasTransactions = !splitsVaults && this.every('tx')
  }

  every(method: keyof OptionalMethods): boolean {
    return this.members.every((store) => store[method] !== undefined)
  }

  some(method: keyof OptionalMethods): boolean {
    return this.members.some((store) => store[method] !== undefined)
  }

  ofVault(vault: string): NoydbStore {
    return this.#byPrefix(vault) ?? this.fallback
  }

  of(vault: string, collection: string): NoydbStore {
    const byPrefix = this.#byPrefix(vault)
    if (byPrefix !== undefined) return byPrefix
    return (collection.startsWith('_') ? undefined : this.#collections.get(collection)) ?? this.fallback
  }

  /** The stores a vault's rows can be in. */
  all(vault: string): readonly NoydbStore[] {
    const byPrefix = this.#byPrefix(vault)
    return byPrefix === undefined ? unique([this.fallback, ...this.#collections.values()]) : [byPrefix]
  }

  #byPrefix(vault: string): NoydbStore | undefined {
    return this.#prefixes.find(([prefix]) => vault.startsWith(prefix))?.[1]
  }
}

type RowMethods = Pick<NoydbStore, 'get' | 'put' | 'delete' | 'list'>

function rowMethods(router: Router): RowMethods {
  return {
    get: (vault, collection, id) => router.of(vault, collection).get(vault, collection, id),
    put: (vault, collection, ...row) => router.of(vault, collection).put(vault, collection, ...row),
    delete: (vault, collection, id) => router.of(vault, collection).delete(vault, collection, id),
    list: (vault, collection) => router.of(vault, collection).list(vault, collection),
  }
}

function snapshotMethods(
  router: Router,
): Pick<RoutedNoydbStore, 'name' | 'capabilities' | 'resolveBackend' | 'loadAll' | 'saveAll'> {
  const capabilities = routedCapabilities(router)
  return {
    name: 'routed',
    ...(capabilities === undefined ? {} : { capabilities }),
    resolveBackend: (vault) => router.ofVault(vault),
    async loadAll(vault) {
      return mergeSnapshots(await Promise.all(router.all(vault).map((store) => store.loadAll(vault))))
    },
    async saveAll(vault, data) {
      // Every backend is told, also of nothing: one that replaces drops collections the snapshot lacks.
      const parts = splitSnapshot(router, vault, data)
      await Promise.all(router.all(vault).map((store) => store.saveAll(vault, parts.get(store) ?? {})))
    },
  }
}

/** The default store's, but without promises that not every backend keeps. */
function routedCapabilities(router: Router): StoreCapabilities | undefined {
  const { capabilities } = router.fallback
  if (capabilities === undefined) return undefined
  const keptByAll = (name: 'txCopy' | 'idOrder'): boolean =>
    router.members.every((store) => store.capabilities?.[name] === true)
  const kept = { ...capabilities }
  if (!router.hasTransactions) delete kept.txAtomic
  if (!router.hasTransactions || !keptByAll('txCopy')) delete kept.txCopy
  if (!keptByAll('idOrder')) delete kept.idOrder
  return Object.keys(kept).length === Object.keys(capabilities).length ? capabilities : kept
}

function splitSnapshot(router: Router, vault: string, data: VaultSnapshot): Map<NoydbStore, VaultSnapshot> {
  const grouped = new Map<NoydbStore, Array<[string, Record<string, EncryptedEnvelope>]>>()
  for (const [collection, rows] of Object.entries(data)) {
    const store = router.of(vault, collection)
    grouped.set(store, [...(grouped.get(store) ?? []), [collection, rows]])
  }
  return new Map([...grouped].map(([store, entries]) => [store, Object.fromEntries(entries)]))
}

type OptionalMethods = Omit<NoydbStore, keyof RowMethods | 'name' | 'capabilities' | 'loadAll' | 'saveAll'>

/**
 * `ping` and `listVaults` if any backend has them; what reads or writes rows only if all have, since the hub
 * takes a method that is there to work for every vault and does without one that is not.
 */
function optionalMethods(router: Router): OptionalMethods {
  const methods: OptionalMethods = {}
  if (router.some('ping')) methods.ping = () => pingAll(router)
  if (router.some('listVaults')) methods.listVaults = () => listAllVaults(router)
  if (router.every('listPage')) {
    methods.listPage = (vault, collection, ...rest) =>
      callable(router.of(vault, collection), 'listPage')(vault, collection, ...rest)
  }
  if (router.every('listSince')) {
    methods.listSince = (vault, collection, since) =>
      callable(router.of(vault, collection), 'listSince')(vault, collection, since)
  }
  if (router.some('getMany')) {
    methods.getMany = (vault, collection, ids) =>
      readRows(router.of(vault, collection), vault, collection, ids)
  }
  if (router.every('listCollections')) methods.listCollections = (vault) => listAllCollections(router, vault)
  if (router.hasTransactions) methods.tx = (ops) => applyInOneBackend(router, ops)
  if (router.every('stats')) {
    methods.stats = async (vault) =>
      mergeStats(await Promise.all(router.all(vault).map((store) => callable(store, 'stats')(vault))))
  }
  return methods
}

async function pingAll(router: Router): Promise<boolean> {
  const answers = await Promise.all(router.members.map((store) => Promise.resolve(store.ping?.() ?? true)))
  return answers.every(Boolean)
}

async function listAllVaults(router: Router): Promise<string[]> {
  const lists = await Promise.all(router.members.map((store) => Promise.resolve(store.listVaults?.() ?? [])))
  return unique(lists.flat())
}

async function listAllCollections(router: Router, vault: string): Promise<string[]> {
  const lists = await Promise.all(router.all(vault).map((store) => callable(store, 'listCollections')(vault)))
  return unique(lists.flat())
}

async function applyInOneBackend(router: Router, ops: readonly TxOp[]): Promise<void> {
  const places = ops.flatMap((op) => [
    router.of(op.vault, op.collection),
    ...(op.op === 'copy' ? [router.of(op.vault, op.toCollection)] : []),
  ])
  const [store, ...others] = unique(places)
  if (store === undefined) return
  if (others.length > 0)
    throw new StoreCapabilityError('a transaction over several backends', 'tx', 'a routed store')
  await callable(store, 'tx')(ops)
}

/** The member's own method, bound to it. */
function callable<Name extends keyof OptionalMethods>(
  store: NoydbStore,
  name: Name,
): Required<OptionalMethods>[Name] {
  const method = store[name]
  if (method === undefined) throw new StoreCapabilityError(name, 'routeStore', store.name)
  return method.bind(store) as Required<OptionalMethods>[Name] // bind keeps the signature it was given
}
