/**
 * One store made of several: whole vaults by name prefix, else user collections by name, else the default.
 * Routed by vault only, `tx` is there: a transaction whose rows live in one backend is that backend's, and
 * one over two backends is refused before anything is written. Where `routes` splits vaults over backends
 * there is no `tx` at all, so that the hub uses its written intent, which needs none.
 */
import { StoreCapabilityError } from '../errors.ts'
import type { EncryptedEnvelope, NoydbStore, StoreCapabilities, TxOp, VaultSnapshot } from '../types/store.ts'
import { mergeSnapshots, mergeStats, unique } from './merge.ts'
import { readRows } from '../transaction/store-write.ts'

export interface RouteStoreOptions {
  readonly default: NoydbStore
  /** Prefix of a vault name -> the store of every collection of that vault; the first match wins. */
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
  /** One vault's rows can be in two stores. */
  readonly splitsVaults: boolean

  constructor(options: RouteStoreOptions) {
    this.fallback = options.default
    this.#prefixes = Object.entries(options.vaultRoutes ?? {})
    this.#collections = new Map(Object.entries(options.routes ?? {}))
    const routed = this.#prefixes.map(([, store]) => store)
    this.members = unique([this.fallback, ...this.#collections.values(), ...routed])
    this.splitsVaults = unique([this.fallback, ...this.#collections.values()]).length > 1
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

/** The default store's, but without promises about `tx` where there is none. */
function routedCapabilities(router: Router): StoreCapabilities | undefined {
  const { capabilities } = router.fallback
  if (capabilities === undefined || !router.splitsVaults) return capabilities
  const { txAtomic: _txAtomic, txCopy: _txCopy, ...rest } = capabilities
  return rest
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

/** Present if any member has them; a call that lands on a member without it fails with a code. */
function optionalMethods(router: Router): OptionalMethods {
  const any = (method: keyof OptionalMethods): boolean =>
    router.members.some((store) => store[method] !== undefined)
  const methods: OptionalMethods = {}
  if (any('ping')) methods.ping = () => pingAll(router)
  if (any('listVaults')) methods.listVaults = () => listAllVaults(router)
  if (any('listPage')) {
    methods.listPage = (vault, collection, ...rest) =>
      callable(router.of(vault, collection), 'listPage')(vault, collection, ...rest)
  }
  if (any('listSince')) {
    methods.listSince = (vault, collection, since) =>
      callable(router.of(vault, collection), 'listSince')(vault, collection, since)
  }
  if (any('getMany')) {
    methods.getMany = (vault, collection, ids) =>
      readRows(router.of(vault, collection), vault, collection, ids)
  }
  if (any('listCollections')) methods.listCollections = (vault) => listAllCollections(router, vault)
  if (any('tx') && !router.splitsVaults) methods.tx = (ops) => applyInOneBackend(router, ops)
  if (any('stats')) {
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
