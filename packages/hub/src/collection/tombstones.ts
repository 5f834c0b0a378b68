/**
 * The last version of every deleted row, so that a row created again continues from it (decisions.md 3).
 * Row `_tombstones/<collection>/<id>`: its `_v` is all it says. Ids are read once, versions when asked for.
 */
import { readRows } from '../transaction/store-write.ts'
import type { EncryptedEnvelope, NoydbStore } from '../types/store.ts'

export const TOMBSTONES = '_tombstones'

export class Tombstones {
  readonly #store: NoydbStore
  readonly #vault: string
  /** 0 = known to exist, version not read yet. */
  #versions: Promise<Map<string, number>> | null = null

  constructor(store: NoydbStore, vault: string) {
    this.#store = store
    this.#vault = vault
  }

  /** By key; of these ids alone, and remembered nowhere: for a collection of which only single rows are looked at. */
  async versionsOf(collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (this.#versions !== null) return this.versions(collection, ids)
    const versions = new Map<string, number>()
    await this.#readInto(
      versions,
      ids.map((id) => tombstoneKey(collection, id)),
    )
    return versions
  }

  /** By key; those of these ids are read where they exist. */
  async versions(collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const versions = await this.#known()
    if (versions.size === 0) return versions
    const unread = ids.map((id) => tombstoneKey(collection, id)).filter((key) => versions.get(key) === 0)
    await this.#readInto(versions, unread)
    return versions
  }

  /** Reads again: another instance may have deleted or created these rows. */
  async refresh(keys: readonly string[]): Promise<void> {
    if (this.#versions !== null) await this.#readInto(await this.#known(), keys)
  }

  /** The next question reads the store again. */
  forget(): void {
    this.#versions = null
  }

  /** After the store has them; 0 = the tombstone is gone. */
  async apply(changed: ReadonlyMap<string, number>): Promise<void> {
    if (changed.size === 0 || this.#versions === null) return
    const versions = await this.#versions
    for (const [key, version] of changed) {
      if (version === 0) versions.delete(key)
      else versions.set(key, version)
    }
  }

  #known(): Promise<Map<string, number>> {
    this.#versions ??= this.#readKeys()
    return this.#versions
  }

  async #readKeys(): Promise<Map<string, number>> {
    try {
      return new Map((await this.#store.list(this.#vault, TOMBSTONES)).map((key) => [key, 0]))
    } catch (error) {
      this.#versions = null
      throw error
    }
  }

  async #readInto(versions: Map<string, number>, keys: readonly string[]): Promise<void> {
    const rows = await readRows(this.#store, this.#vault, TOMBSTONES, keys)
    for (const [at, key] of keys.entries()) {
      const version = rows[at]?._v
      if (version === undefined) versions.delete(key)
      else versions.set(key, version)
    }
  }
}

export function tombstoneKey(collection: string, id: string): string {
  return `${collection}/${id}`
}

export function tombstoneEnvelope(version: number, ts: string, by: string): EncryptedEnvelope {
  return { _noydb: 1, _v: version, _ts: ts, _by: by, _iv: '', _data: '' }
}
