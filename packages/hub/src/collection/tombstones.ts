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
  /** 0 = known to exist, version not read yet. Null before the first question. */
  #versions: Map<string, number> | null = null
  #reading: Promise<Map<string, number>> | null = null

  constructor(store: NoydbStore, vault: string) {
    this.#store = store
    this.#vault = vault
  }

  /** By key; of these ids alone, and remembered nowhere: for a collection of which only single rows are looked at. */
  async versionsOf(collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (this.#versions !== null || this.#reading !== null) return this.versions(collection, ids)
    const versions = new Map<string, number>()
    await this.#readInto(
      versions,
      ids.map((id) => tombstoneKey(collection, id)),
    )
    return versions
  }

  /** By key; those of these ids are read where they exist. A promise only where something has to be read. */
  versions(
    collection: string,
    ids: readonly string[],
  ): ReadonlyMap<string, number> | Promise<ReadonlyMap<string, number>> {
    return this.#versions?.size === 0 ? this.#versions : this.#readVersions(collection, ids)
  }

  async #readVersions(collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const versions = await this.#known()
    const unread = ids.map((id) => tombstoneKey(collection, id)).filter((key) => versions.get(key) === 0)
    await this.#readInto(versions, unread)
    return versions
  }

  /** Reads again: another instance may have deleted or created these rows. */
  async refresh(keys: readonly string[]): Promise<void> {
    if (this.#versions !== null || this.#reading !== null) await this.#readInto(await this.#known(), keys)
  }

  /** The next question reads the store again. */
  forget(): void {
    this.#versions = null
    this.#reading = null
  }

  /** After the store has it; 0 = the tombstone is gone. */
  note(key: string, version: number): void {
    // What is being read may be from before: it is read again when somebody asks.
    this.#reading = null
    if (version === 0) this.#versions?.delete(key)
    else this.#versions?.set(key, version)
  }

  async #known(): Promise<Map<string, number>> {
    while (this.#versions === null) {
      const reading = (this.#reading ??= this.#readKeys())
      try {
        const versions = await reading
        // Dropped meanwhile: something was written, or a reader of a later state is under way.
        if (this.#reading === reading) this.#versions = versions
      } finally {
        if (this.#reading === reading) this.#reading = null
      }
    }
    return this.#versions
  }

  async #readKeys(): Promise<Map<string, number>> {
    return new Map((await this.#store.list(this.#vault, TOMBSTONES)).map((key) => [key, 0]))
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
