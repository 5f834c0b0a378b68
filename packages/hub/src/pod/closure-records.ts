/**
 * The records a closure is walked over. Each is read once, whoever asks: what is walked, counted and packed is one
 * reading of the vault, whatever is written meanwhile.
 */
import { readPath } from '../ids.ts'
import type { RecordEntry } from '../types/collection.ts'
import type { PartitionVault } from './partition-vault.ts'

type Entry = RecordEntry<unknown>

export class ClosureRecords {
  readonly #vault: PartitionVault
  readonly #whole = new Map<string, Map<string, Entry>>()
  readonly #single = new Map<string, Map<string, Entry | null>>()
  readonly #referrersByField = new Map<string, Map<string, string[]>>()

  constructor(vault: PartitionVault) {
    this.#vault = vault
  }

  /** Without reading a whole collection for one record. Null where there is none. */
  async entry(collection: string, id: string): Promise<Entry | null> {
    const known = this.known(collection, id)
    if (known !== undefined) return known
    const entry = await this.#vault.collection(collection).entry(id)
    return this.#keep(collection, id, entry)
  }

  /** The same at once; undefined where it was not read yet. */
  known(collection: string, id: string): Entry | null | undefined {
    const single = this.#single.get(collection)?.get(id)
    if (single !== undefined) return single
    const whole = this.#whole.get(collection)
    return whole === undefined ? undefined : (whole.get(id) ?? null)
  }

  async entries(collection: string): Promise<ReadonlyMap<string, Entry>> {
    const known = this.#whole.get(collection)
    if (known !== undefined) return known
    const entries = await this.#vault.collection<unknown>(collection).entries()
    const byId = new Map(entries.map((entry) => [entry.id, entry]))
    // One that was read by itself before stays as it was then.
    for (const [id, entry] of this.#single.get(collection) ?? []) {
      if (entry === null) byId.delete(id)
      else byId.set(id, entry)
    }
    this.#whole.set(collection, byId)
    return byId
  }

  /** Ids of the records whose field refers to a record, by the id they refer to. */
  async referrers(collection: string, field: string): Promise<ReadonlyMap<string, readonly string[]>> {
    const name = JSON.stringify([collection, field])
    const known = this.#referrersByField.get(name)
    if (known !== undefined) return known
    const byKey = new Map<string, string[]>()
    for (const [id, { record }] of await this.entries(collection)) {
      const key = foreignKey(record, field)
      if (key === null) continue
      const ids = byKey.get(key)
      if (ids === undefined) byKey.set(key, [id])
      else ids.push(id)
    }
    this.#referrersByField.set(name, byKey)
    return byKey
  }

  #keep(collection: string, id: string, entry: Entry | null): Entry | null {
    const single = this.#single.get(collection)
    if (single === undefined) this.#single.set(collection, new Map([[id, entry]]))
    else single.set(id, entry)
    return entry
  }
}

export function foreignKey(record: unknown, field: string): string | null {
  const value = readPath(record, field)
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null
}
