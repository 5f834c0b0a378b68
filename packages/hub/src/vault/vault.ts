/** One open vault, as callers see it. */
import { Collection } from '../collection/collection.ts'
import { checkCollectionName } from '../collection/check-name.ts'
import { CustodyApi } from '../custody/custody-api.ts'
import { readFence, readFenceRow, type Fence, type LastCutover } from '../schema/fence.ts'
import { Sidecar } from '../sidecar/sidecar.ts'
import type { AuditApi } from '../types/audit.ts'
import type { CollectionOptions, CutoverOptions, CutoverResult, RefDescriptor } from '../types/schema.ts'
import type {
  ExportChunk,
  NoydbApi,
  Role,
  VaultApi,
  VaultIntrospectState,
  VaultSchemaSnapshot,
} from '../types/vault.ts'
import { registerCore } from './core-of.ts'
import { describeVault } from './dump-schema.ts'
import { assertCanExport, dumpVault, exportChunks } from './export.ts'
import { ensureHandle } from './handle.ts'
import { introspect } from './introspect.ts'
import { storedCollections } from './stored-names.ts'
import type { VaultCore } from './vault-core.ts'

export class Vault implements VaultApi {
  readonly name: string
  readonly userId: string
  readonly role: Role
  readonly audit: AuditApi
  readonly custody: CustodyApi
  readonly noydb: NoydbApi
  readonly #core: VaultCore
  readonly #collections = new Map<string, Collection>()

  constructor(core: VaultCore, noydb: NoydbApi) {
    this.noydb = noydb
    this.name = core.name
    this.userId = core.keys.userId
    this.role = core.keys.role
    this.audit = core.audit
    this.custody = new CustodyApi(this)
    this.#core = core
    registerCore(this, core)
  }

  /** The same object for the same name; the options of the first call count, except references where it had none. */
  collection<T = unknown>(name: string, options: CollectionOptions<T> = {}): Collection<T> {
    let collection = this.#collections.get(name)
    if (collection === undefined) checkCollectionName(name)
    // A collection is stored without its type; `T` is what this caller takes it for.
    const state = this.#core.declare(name, options)
    if (collection === undefined)
      this.#collections.set(name, (collection = new Collection<unknown>(this.#core, state)))
    return collection as Collection<T> // as above
  }

  async collections(): Promise<string[]> {
    this.#core.session.assertOpen()
    return storedCollections(this.#core.store, this.name)
  }

  resolveRef(collection: string, field: string): RefDescriptor | null {
    return this.#core.refs.resolve(collection, field)
  }

  exportStream(opts: { granularity?: 'collection' | 'record' } = {}): AsyncIterableIterator<ExportChunk> {
    return exportChunks(this.#core, opts)
  }

  assertCanExport(tier: 'plaintext', format: string): void
  assertCanExport(tier: 'bundle'): void
  assertCanExport(tier: 'plaintext' | 'bundle', format?: string): void {
    assertCanExport(this.#core, tier, format)
  }

  dump(): Promise<string> {
    return dumpVault(this.#core)
  }

  /** The vault's ULID, the same for good. @throws TamperedError when the stored one is not the keyring's */
  getBundleHandle(): Promise<string> {
    const { store, keys, session } = this.#core
    return ensureHandle(store, this.name, keys.encrypted ? keys.vaultUlid : null, session.now())
  }

  dumpSchema(opts: { withStats?: boolean; sampleSize?: number } = {}): Promise<VaultSchemaSnapshot> {
    return describeVault(this.#core, opts)
  }

  schemaFenceState(): Promise<Fence> {
    return readFence(this.#core.store, this.name)
  }

  /**
   * Moves the collections whose declared schema asks for it to that schema: every record, or nothing.
   * @throws SchemaFenceError, QuiesceTimeoutError, ReadOnlyError, and what a transform throws
   */
  runSchemaCutover(options: CutoverOptions = {}): Promise<CutoverResult> {
    return this.#core.schema.runCutover(options)
  }

  /** The cutover that led to the vault's present schema generation; null where there was none. */
  async _lastCutover(): Promise<LastCutover | null> {
    return (await readFenceRow(this.#core.store, this.name)).document.last ?? null
  }

  /** Waits for the schema comparisons started so far. Never rejects. */
  _drainPendingSchemaWrites(): Promise<void> {
    return this.#core.schema.drain()
  }

  sidecar<T = unknown>(name: string): Sidecar<T> {
    return new Sidecar<T>(this.#core, name)
  }

  _introspectState(): VaultIntrospectState {
    return introspect(this.#core)
  }
}
