/** One user's session over one store: opens vaults, runs transactions over them, tells about changes. */
import { checkId, checkVaultName } from '../collection/check-name.ts'
import { NoydbError, StoreCapabilityError, ValidationError } from '../errors.ts'
import { setExportCapability } from '../keyring/export-capability.ts'
import { grant } from '../keyring/grant.ts'
import { KEYRING } from '../keyring/keyring-file.ts'
import { checkCapability, checkGrant } from '../keyring/parse-grant.ts'
import { revoke } from '../keyring/revoke.ts'
import { isAtLeast } from '../keyring/roles.ts'
import { USERS_VAULT_NAME } from '../keyring/salts.ts'
import { commit } from '../transaction/commit.ts'
import { rollForward } from '../transaction/intent.ts'
import { Mutex } from '../transaction/mutex.ts'
import { Staging } from '../transaction/staging.ts'
import { StagedTransaction } from '../transaction/transaction.ts'
import type {
  ExportCapabilityChange,
  GrantCustodianOptions,
  GrantOptions,
  RevokeOptions,
  Role,
} from '../types/access.ts'
import type { NoydbEventMap, Unsubscribe, WriteConflict, WriteHook, WriteQueue } from '../types/events.ts'
import type { NoydbStore } from '../types/store.ts'
import type { Transaction, TransactionOptions } from '../types/transaction.ts'
import type { AccessibleVault, NoydbApi, QueryAcrossResult, VaultApi } from '../types/vault.ts'
import { coreOf } from '../vault/core-of.ts'
import { Vault } from '../vault/vault.ts'
import { VaultCore } from '../vault/vault-core.ts'
import { withAccess } from './access.ts'
import { discardVault } from './discard-vault.ts'
import { openKeys } from './open-keys.ts'
import { queryVaults } from './query-across.ts'
import type { Session } from './session.ts'

interface OpenVault {
  readonly vault: Vault
  readonly core: VaultCore
}

export class Noydb implements NoydbApi {
  readonly #session: Session
  readonly #open = new Map<string, OpenVault>()
  readonly #opening = new Map<string, Mutex>()
  readonly #others = new Set<Noydb>()
  #whenClosed: () => void = () => undefined

  /** Use `createNoydb`. */
  constructor(session: Session) {
    this.#session = session
  }

  /** The same object for the same name, also for callers that ask at once. */
  async openVault(
    name: string,
    { create = true }: { create?: boolean; locale?: string; meta?: unknown } = {},
  ): Promise<Vault> {
    this.#session.assertOpen()
    checkVaultName(name)
    const known = this.#open.get(name)
    if (known !== undefined) return known.vault
    let lock = this.#opening.get(name)
    if (lock === undefined) this.#opening.set(name, (lock = new Mutex()))
    return lock.run(async () => this.#open.get(name)?.vault ?? this.#openVault(name, create))
  }

  /**
   * The same user's session over another store, for copies of vaults: rehearsals, proofs of backups. Guards come along,
   * listeners do not. Close it; it is closed with this instance at the latest.
   */
  over(store: NoydbStore, changed: { history?: boolean; audit?: boolean } = {}): Noydb {
    const other = new Noydb(this.#session.over(store, changed))
    this.#others.add(other)
    other.#whenClosed = () => this.#others.delete(other)
    return other
  }

  async queryAcross<T>(
    vaultIds: string[],
    fn: (vault: Vault) => Promise<T>,
    { concurrency, create = true }: { concurrency?: number; create?: boolean } = {},
  ): Promise<QueryAcrossResult<T>[]> {
    this.#session.assertOpen()
    return queryVaults(vaultIds, async (id) => fn(await this.openVault(id, { create })), concurrency)
  }

  /** @throws StoreCapabilityError when the store cannot list its vaults */
  async listAccessibleVaults({ minRole = 'client' }: { minRole?: Role } = {}): Promise<AccessibleVault[]> {
    this.#session.assertOpen()
    const { store } = this.#session
    if (store.listVaults === undefined)
      throw new StoreCapabilityError('listVaults', 'listAccessibleVaults', store.name)
    const accessible: AccessibleVault[] = []
    for (const id of await store.listVaults()) {
      const role = id === USERS_VAULT_NAME ? null : await this.#roleIn(id)
      if (role !== null && isAtLeast(role, minRole)) accessible.push({ id, role })
    }
    return accessible
  }

  /** All or nothing over every vault touched, where the store has `tx`. What `work` throws leaves nothing behind. */
  async transaction<T>(
    work: (tx: Transaction) => Promise<T> | T,
    options: TransactionOptions = {},
  ): Promise<T> {
    this.#session.assertOpen()
    const staging = new Staging()
    const tx = new StagedTransaction(staging, (vault) => this.#coreOf(vault))
    try {
      const result = await work(tx)
      tx.end()
      await commit(this.#session, staging, { command: 'transaction', ...options })
      return result
    } finally {
      tx.end()
    }
  }

  async grant(vault: string, options: GrantOptions, _factors?: unknown): Promise<void> {
    const checked = checkGrant(options, this.#session.clock())
    await withAccess(this.#session, vault, (access) => grant(access, checked))
  }

  async revoke(vault: string, options: RevokeOptions, _factors?: unknown): Promise<void> {
    await this.#revoke(vault, options)
  }

  async grantCustodian(vault: string, options: GrantCustodianOptions, factors?: unknown): Promise<void> {
    await this.grant(vault, { ...options, role: 'custodian' }, factors)
  }

  async revokeCustodian(vault: string, options: RevokeOptions, _factors?: unknown): Promise<void> {
    await this.#revoke(vault, options, 'custodian')
  }

  async setExportCapability(vault: string, change: ExportCapabilityChange): Promise<void> {
    checkId(change.userId)
    checkCapability('exportCapability', change.exportCapability)
    await withAccess(this.#session, vault, (access) => setExportCapability(access, change))
    if (change.userId === this.#session.userId) await this.#open.get(vault)?.core.keys.rereadClaims()
  }

  on<K extends keyof NoydbEventMap>(event: K, handler: (data: NoydbEventMap[K]) => void): void {
    this.#session.emitter.on(event, handler)
  }

  off<K extends keyof NoydbEventMap>(event: K, handler: (data: NoydbEventMap[K]) => void): void {
    this.#session.emitter.off(event, handler)
  }

  onBeforeWrite(handler: WriteHook): Unsubscribe {
    return this.#session.hooks.onBefore(handler)
  }

  onAfterWrite(handler: WriteHook): Unsubscribe {
    return this.#session.hooks.onAfter(handler)
  }

  /** Never fires yet: nothing writes to a vault behind this session's back and merges. */
  onWriteConflict(handler: (c: WriteConflict) => void): Unsubscribe {
    this.on('write:conflict', handler)
    return () => this.off('write:conflict', handler)
  }

  get writeQueue(): WriteQueue {
    return this.#session.queue
  }

  get isClosed(): boolean {
    return this.#session.closed
  }

  /** Drops keys, caches and listeners. What was awaited before is in the store. */
  close(): void {
    for (const other of [...this.#others]) other.close()
    this.#whenClosed()
    this.#session.close()
    for (const { core } of this.#open.values()) core.drop()
    this.#open.clear()
  }

  get _store(): NoydbStore {
    return this.#session.store
  }

  /** True once any user has a keyring there; opens and writes nothing. */
  async _shardVaultProvisioned(vaultId: string): Promise<boolean> {
    const { store, encrypted } = this.#session
    if ((await store.list(vaultId, KEYRING)).length > 0) return true
    return !encrypted && Object.keys(await store.loadAll(vaultId)).length > 0
  }

  _resolveBackend(vaultId: string): NoydbStore {
    const { store } = this.#session
    return isRouted(store) ? store.resolveBackend(vaultId) : store
  }

  /** @internal For a vault made by a call that then failed. @throws ValidationError once it holds records */
  async _discardVault(name: string): Promise<void> {
    this.#session.assertOpen()
    await discardVault(this.#session.store, name)
    this.#open.get(name)?.core.drop()
    this.#open.delete(name)
  }

  async #revoke(vault: string, options: RevokeOptions, only?: Role): Promise<void> {
    checkId(options.userId)
    await withAccess(this.#session, vault, (access) => revoke(access, options, only))
    // Rotated keys are taken over by whoever comes to need them; this session need not find out the hard way.
    if (options.userId !== this.#session.userId) await this.#open.get(vault)?.core.keys.renew()
  }

  async #openVault(name: string, create: boolean): Promise<Vault> {
    const core = new VaultCore(name, this.#session, await openKeys(this.#session, name, create))
    this.#session.assertOpen() // it may have been closed while the key was derived
    if (this.#session.store.tx === undefined) await rollForward(core)
    await core.schema.fence.open()
    const vault = new Vault(core, this)
    this.#open.set(name, { vault, core })
    this.#opening.delete(name)
    return vault
  }

  /** Null for a vault that this user cannot unlock, for whatever reason. */
  async #roleIn(name: string): Promise<Role | null> {
    try {
      const open = this.#open.get(name)
      return (open?.core.keys ?? (await openKeys(this.#session, name, false))).role
    } catch (error) {
      if (error instanceof NoydbError) return null
      throw error
    }
  }

  #coreOf(vault: VaultApi): VaultCore {
    const core = coreOf(vault)
    if (core.session !== this.#session)
      throw new ValidationError(`${core.name} was opened by another instance.`)
    return core
  }
}

function isRouted(store: NoydbStore): store is NoydbStore & { resolveBackend(vaultId: string): NoydbStore } {
  return 'resolveBackend' in store && typeof store.resolveBackend === 'function'
}
