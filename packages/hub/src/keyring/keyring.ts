/**
 * The unlocked keyring of one user in one vault. A data key is minted at the first write to its collection
 * and kept twice: in the user's keyring file, and under the vault key in `_deks`, where every role that
 * reads everything finds what others minted later (decisions.md 11).
 */
import type { KeyObject } from 'node:crypto'
import { importKey, newKey } from '../crypto/aead.ts'
import { RowCodec, type RowKey } from '../crypto/row-codec.ts'
import { ConflictError, DecryptionError, NoAccessError } from '../errors.ts'
import { keyringLock } from '../transaction/mutex.ts'
import { writeRows } from '../transaction/store-write.ts'
import type { NoydbStore, TxOp } from '../types/store.ts'
import type { Permissions, Role } from '../types/vault.ts'
import {
  keyringEnvelope,
  KEYRING,
  parseKeyringFile,
  type Capability,
  type KeyringFile,
} from './keyring-file.ts'
import { assertMayWrite } from './roles.ts'
import { unwrapKey, wrapKey } from './wrap.ts'
import type { UnlockedKeys } from './unlock.ts'
import { noStagedKeys, type StagedKeys, type VaultKeys } from './vault-keys.ts'

const SHARED_KEYS = '_deks'
const MINT_ATTEMPTS = 20

export interface KeyringPlace {
  readonly store: NoydbStore
  readonly vault: string
  readonly now: () => string
}

export class Keyring implements VaultKeys {
  readonly userId: string
  readonly role: Role
  readonly permissions: Permissions
  readonly vaultUlid: string
  readonly encrypted = true
  readonly codec: RowCodec
  readonly exportCapability: Capability | undefined
  readonly #place: KeyringPlace
  #keys: UnlockedKeys | null

  constructor(place: KeyringPlace, file: KeyringFile, keys: UnlockedKeys) {
    this.userId = file.user_id
    this.role = file.role
    this.permissions = file.permissions
    this.exportCapability = file.export_capability
    this.vaultUlid = keys.vaultUlid
    this.codec = new RowCodec(keys.vaultUlid)
    this.#place = place
    this.#keys = keys
  }

  held(collection: string): RowKey | undefined {
    return this.#unlocked().deks.get(collection)
  }

  async find(collection: string): Promise<RowKey | undefined> {
    const held = this.held(collection)
    if (held !== undefined) return held
    if (await this.#adoptShared(collection)) return this.held(collection)
    const own = await this.#readFile()
    // Own members only: a collection may be called `constructor`.
    const deks = own?.file.deks ?? {}
    const wrapped = Object.hasOwn(deks, collection) ? deks[collection] : undefined
    if (wrapped !== undefined) this.#hold(collection, this.#unwrapOwn(collection, wrapped))
    return this.held(collection)
  }

  async ensure(collections: Iterable<string>): Promise<void> {
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

  async #missing(collections: Iterable<string>): Promise<string[]> {
    const missing: string[] = []
    for (const collection of new Set(collections)) {
      if ((await this.find(collection)) === undefined) missing.push(collection)
    }
    return missing
  }

  /** Wipes the keys from this object; every later use is a NoAccessError. */
  drop(): void {
    this.#keys = null
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
      }
    }
  }

  async #mintOps(minted: ReadonlyMap<string, KeyObject>): Promise<TxOp[]> {
    const { vaultKey, kek } = this.#unlocked()
    const own = await this.#readFile()
    if (own === null || vaultKey === null) throw new NoAccessError()
    const { store, vault, now } = this.#place
    const deks = { ...own.file.deks }
    const ops: TxOp[] = []
    for (const [collection, key] of minted) {
      deks[collection] = wrapKey(kek, this.vaultUlid, collection, key)
      ops.push(
        sharedKeyOp({ vault, codec: this.codec, vaultKey, by: this.userId, ts: now() }, collection, key),
      )
    }
    // On a store without `tx` the shared copies go first: they alone are enough to find the key again.
    const envelope = keyringEnvelope({ ...own.file, deks }, own.version + 1, now())
    const expected = store.tx === undefined ? {} : { expectedVersion: own.version }
    ops.push({ vault, collection: KEYRING, id: this.userId, op: 'put', envelope, ...expected })
    return ops
  }

  async #assertMayMint(missing: readonly string[]): Promise<void> {
    const { store, vault } = this.#place
    assertMayWrite(this, null)
    if (this.#unlocked().vaultKey === null)
      throw new NoAccessError(`${this.userId} holds no key for ${missing.join(', ')}.`)
    for (const collection of missing) {
      const rows = await store.list(vault, collection)
      if (rows.length > 0 && (await this.find(collection)) === undefined)
        throw new DecryptionError(`${collection} holds rows, but its key is missing from the keyring.`)
    }
  }

  async #adoptShared(collection: string): Promise<boolean> {
    const { vaultKey } = this.#unlocked()
    if (vaultKey === null) return false
    const envelope = await this.#place.store.get(this.#place.vault, SHARED_KEYS, collection)
    if (envelope === null) return false
    const base64 = this.codec.open(vaultKey, { collection: SHARED_KEYS, id: collection }, envelope)
    this.#hold(collection, importKey(Buffer.from(base64, 'base64')))
    return true
  }

  #unwrapOwn(collection: string, wrapped: string): KeyObject {
    return unwrapKey(this.#unlocked().kek, this.vaultUlid, collection, wrapped)
  }

  /** The first key seen stays: two callers may look for the same one. */
  #hold(collection: string, key: KeyObject): void {
    const { deks } = this.#unlocked()
    if (!deks.has(collection)) deks.set(collection, key)
  }

  async #readFile(): Promise<{ file: KeyringFile; version: number } | null> {
    const envelope = await this.#place.store.get(this.#place.vault, KEYRING, this.userId)
    return envelope === null ? null : { file: parseKeyringFile(envelope), version: envelope._v }
  }

  #unlocked(): UnlockedKeys {
    if (this.#keys === null) throw new NoAccessError('This session is closed; its keys are gone.')
    return this.#keys
  }
}

interface SharedKeyPlace {
  readonly vault: string
  readonly codec: RowCodec
  readonly vaultKey: KeyObject
  readonly by: string
  readonly ts: string
}

/** The row `_deks/<collection>`: a data key under the vault key. */
export function sharedKeyOp(place: SharedKeyPlace, collection: string, key: KeyObject): TxOp {
  const address = { collection: SHARED_KEYS, id: collection }
  const clear = { version: 1, ts: place.ts, by: place.by }
  const envelope = place.codec.seal(place.vaultKey, address, clear, key.export().toString('base64'))
  return { vault: place.vault, ...address, op: 'put', envelope, expectedVersion: 0 }
}
