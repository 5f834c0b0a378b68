/** The inside of one open vault: what collections, sidecars, transactions and bundles share. */
import { AuditLog } from '../audit/audit-log.ts'
import { CollectionRows } from '../collection/collection-rows.ts'
import { Tombstones } from '../collection/tombstones.ts'
import { WriteCounter } from '../events/write-queue.ts'
import { VaultIndexes } from '../indexes/vault-indexes.ts'
import type { VaultKeys } from '../keyring/vault-keys.ts'
import type { Session } from '../noydb/session.ts'
import { RefRegistry } from '../refs/ref-registry.ts'
import { VaultSchema } from '../schema/vault-schema.ts'
import { vaultLock, type Mutex } from '../transaction/mutex.ts'
import type { CollectionOptions } from '../types/schema.ts'
import type { NoydbStore } from '../types/store.ts'

/** One collection of this session. */
export interface CollectionState {
  readonly name: string
  options: CollectionOptions<unknown>
  rows: CollectionRows
  /** False while only the hub itself has opened it (to follow a reference, to export). */
  declared: boolean
}

export class VaultCore {
  readonly name: string
  readonly session: Session
  readonly keys: VaultKeys
  readonly refs = new RefRegistry()
  readonly lock: Mutex
  readonly tombstones: Tombstones
  readonly audit: AuditLog
  readonly indexes: VaultIndexes
  readonly schema: VaultSchema
  /** Writes of this session to this vault that are under way. */
  readonly writes = new WriteCounter()
  readonly collections = new Map<string, CollectionState>()

  constructor(name: string, session: Session, keys: VaultKeys) {
    this.name = name
    this.session = session
    this.keys = keys
    this.lock = vaultLock(session.store, name)
    this.tombstones = new Tombstones(session.store, name)
    this.audit = new AuditLog(this)
    this.indexes = new VaultIndexes(this)
    this.schema = new VaultSchema(this)
  }

  get store(): NoydbStore {
    return this.session.store
  }

  /** The collection as the session has it; opened without options when nobody declared it. */
  stateOf(name: string): CollectionState {
    const known = this.collections.get(name)
    if (known !== undefined) return known
    const state = { name, options: {}, rows: this.#newRows(name, {}), declared: false }
    this.collections.set(name, state)
    return state
  }

  /**
   * The first declaration of a session wins; later ones are ignored. References are rules of the vault rather
   * than of one handle: where a collection was opened without any, a later declaration still brings them.
   */
  declare(name: string, options: CollectionOptions<unknown>): CollectionState {
    const state = this.stateOf(name)
    if (options.refs !== undefined && !this.refs.has(name)) this.refs.declare(name, options.refs)
    if (state.declared) return state
    state.declared = true
    if (options.schema !== undefined || options.large === true)
      state.rows = state.rows.replacedBy(this.#newRows(name, options))
    state.options = options
    if (options.large === true) this.indexes.lookAhead()
    this.schema.declared(state)
    return state
  }

  /** The next operation of every collection reads the store again. */
  dropCaches(): void {
    for (const { rows } of this.collections.values()) rows.drop()
    this.audit.forgetHead()
    this.indexes.forget()
  }

  drop(): void {
    this.keys.drop()
    this.dropCaches()
  }

  #newRows(collection: string, options: CollectionOptions<unknown>): CollectionRows {
    const { store, name: vault, keys } = this
    return new CollectionRows({
      store,
      vault,
      collection,
      keys,
      schema: options.schema,
      large: options.large === true,
      recent: this.session.recent,
    })
  }
}
