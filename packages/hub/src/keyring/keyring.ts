/**
 * The unlocked keyring of one user in one vault. A data key is minted at the first write to its collection
 * and kept twice: in the user's keyring file, and under the vault key in `_deks`. When another session has
 * rotated the keys, `renew()` takes over the new ones.
 */
import type { KeyObject } from 'node:crypto'
import { newKey } from '../crypto/aead.ts'
import { RowCodec, type RowKey } from '../crypto/row-codec.ts'
import { ConflictError, DecryptionError, NoAccessError, TamperedError } from '../errors.ts'
import { keyringLock } from '../transaction/mutex.ts'
import { writeRows } from '../transaction/store-write.ts'
import type { Capability, Permissions, Role } from '../types/access.ts'
import type { NoydbStore, TxOp } from '../types/store.ts'
import { generationOf, readKeyring, type KeyringFile } from './keyring-file.ts'
import { mintOps } from './mint.ts'
import { assertMayWrite, readsEverything } from './roles.ts'
import { endedFence, finishRotation, hasEnded } from './rotation-log.ts'
import { readSharedKey } from './shared-keys.ts'
import { reopen, type UnlockedKeys } from './unlock.ts'
import { noStagedKeys, type StagedKeys, type VaultKeys } from './vault-keys.ts'
import { unwrapKey } from './wrap.ts'

const MINT_ATTEMPTS = 20

export interface KeyringPlace {
  readonly store: NoydbStore
  readonly vault: string
  readonly now: () => string
}

export class Keyring implements VaultKeys {
  readonly userId: string
  readonly vaultUlid: string
  readonly encrypted = true
  readonly codec: RowCodec
  readonly #place: KeyringPlace
  #file: KeyringFile
  #keys: UnlockedKeys | null

  constructor(place: KeyringPlace, file: KeyringFile, keys: UnlockedKeys) {
    this.userId = file.user_id
    this.vaultUlid = keys.vaultUlid
    this.codec = new RowCodec(keys.vaultUlid)
    this.#place = place
    this.#file = file
    this.#keys = keys
  }

  get role(): Role {
    return this.#file.role
  }

  get permissions(): Permissions {
    return this.#file.permissions
  }

  get exportCapability(): Capability | undefined {
    return this.#file.export_capability
  }

  /** The file as it was when it was opened. */
  get file(): KeyringFile {
    return this.#file
  }

  /** @throws NoAccessError once the session is closed */
  get unlocked(): UnlockedKeys {
    if (this.#keys === null) throw new NoAccessError('This session is closed; its keys are gone.')
    return this.#keys
  }

  get generation(): number {
    return this.unlocked.generation
  }

  get fence(): readonly TxOp[] {
    return [endedFence(this.#place.vault, this.unlocked.generation)]
  }

  held(collection: string): RowKey | undefined {
    return this.unlocked.deks.get(collection)
  }

  async find(collection: string): Promise<RowKey | undefined> {
    const held = this.held(collection)
    if (held !== undefined) return held
    const { vaultKey, kek } = this.unlocked
    if (vaultKey === null && readsEverything(this.role))
      throw new NoAccessError(`${this.userId} is an owner by deed and holds no keys yet.`)
    const { store, vault } = this.#place
    const shared =
      vaultKey === null
        ? null
        : await readSharedKey({ store, vault, codec: this.codec, vaultKey }, collection)
    if (shared !== null) return this.#hold(collection, shared)
    const own = await readKeyring(store, vault, this.userId)
    // Own members only: a collection may be called `constructor`.
    const deks = own?.file.deks ?? {}
    const wrapped = Object.hasOwn(deks, collection) ? deks[collection] : undefined
    if (wrapped === undefined) return undefined
    return this.#hold(collection, unwrapKey(kek, this.unlocked, collection, wrapped))
  }

  async ensure(collections: Iterable<string>): Promise<void> {
    await this.#catchUp()
    const missing = await this.#missing(collections)
    if (missing.length === 0) return
    await this.#assertMayMint(missing)
    await keyringLock(this.#place.store, this.#place.vault).run(() => this.#mint(missing))
  }

  async stage(collections: Iterable<string>): Promise<StagedKeys> {
    const missing = await this.#missing(collections)
    if (missing.length === 0) return noStagedKeys
    await this.#assertMayMint(missing)
    const minted = new Map(missing.map((collection) => [collection, newKey()]))
    const ops = await this.#mintOps(minted)
    for (const [collection, key] of minted) this.#hold(collection, key)
    return {
      ops,
      forget: () => {
        for (const collection of minted.keys()) this.#keys?.deks.delete(collection)
      },
    }
  }

  async renew(): Promise<boolean> {
    const { store, vault, now } = this.#place
    const held = this.unlocked
    const own = await this.#readOwn()
    const generation = generationOf(own.file)
    if (generation < held.generation) throw new TamperedError('An earlier keyring was put back.')
    if (generation === held.generation) {
      if (await hasEnded(store, vault, generation))
        throw new NoAccessError(`The keys of the vault ${vault} were renewed without ${this.userId}.`)
      return false
    }
    this.#keys = reopen(own.file, held, Date.parse(now()))
    this.#file = own.file
    return true
  }

  /** The keys in memory stay: among them may be some that are not stored yet. */
  async rereadClaims(): Promise<void> {
    if (await this.renew()) return
    const own = await this.#readOwn()
    reopen(own.file, this.unlocked, Date.parse(this.#place.now())) // refuses what was not signed
    this.#file = own.file
  }

  async #readOwn(): Promise<NonNullable<Awaited<ReturnType<typeof readKeyring>>>> {
    const { store, vault } = this.#place
    const own = await readKeyring(store, vault, this.userId)
    if (own === null) throw new NoAccessError(`${this.userId} has no keyring in the vault ${vault} any more.`)
    return own
  }

  /** Wipes the keys from this object; every later use is a NoAccessError. */
  drop(): void {
    this.#keys = null
  }

  /** Without `tx` nothing refuses a write under keys that were rotated, so one looks before. */
  async #catchUp(): Promise<void> {
    const { store, vault } = this.#place
    if (store.tx !== undefined || !(await hasEnded(store, vault, this.unlocked.generation))) return
    await finishRotation(store, vault)
    await this.renew()
  }

  async #missing(collections: Iterable<string>): Promise<string[]> {
    const missing: string[] = []
    for (const collection of new Set(collections)) {
      if ((await this.find(collection)) === undefined) missing.push(collection)
    }
    return missing
  }

  /** Two that mint at once meet at the keyring row or at `_deks`: the second reads what the first wrote. */
  async #mint(collections: readonly string[]): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const missing = await this.#missing(collections)
      if (missing.length === 0) return
      const minted = new Map(missing.map((collection) => [collection, newKey()]))
      try {
        await writeRows(this.#place.store, await this.#mintOps(minted))
        for (const [collection, key] of minted) this.#hold(collection, key)
        return
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt === MINT_ATTEMPTS) throw error
        await this.renew()
      }
    }
  }

  #mintOps(minted: ReadonlyMap<string, KeyObject>): Promise<TxOp[]> {
    const { store, vault, now } = this.#place
    const { userId, codec } = this
    return mintOps({ store, vault, userId, codec, keys: this.unlocked, ts: now() }, minted)
  }

  async #assertMayMint(missing: readonly string[]): Promise<void> {
    const { store, vault } = this.#place
    assertMayWrite(this, null)
    if (this.unlocked.vaultKey === null)
      throw new NoAccessError(`${this.userId} holds no key for ${missing.join(', ')}.`)
    for (const collection of missing) {
      const rows = await store.list(vault, collection)
      if (rows.length > 0 && (await this.find(collection)) === undefined)
        throw new DecryptionError(`${collection} holds rows, but its key is missing from the keyring.`)
    }
  }

  /** The first key seen stays: two callers may look for the same one. */
  #hold(collection: string, key: KeyObject): KeyObject {
    const { deks } = this.unlocked
    const first = deks.get(collection) ?? key
    deks.set(collection, first)
    return first
  }
}
