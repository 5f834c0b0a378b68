/** The nested maps behind the memory store: vault -> collection -> id -> envelope. */
import type { EncryptedEnvelope } from '../types/store.ts'
import { compareIds } from './id-order.ts'

class Rows {
  readonly byId = new Map<string, EncryptedEnvelope>()
  #sorted: string[] | null = null

  set(id: string, envelope: EncryptedEnvelope): void {
    if (!this.byId.has(id)) this.#sorted = null
    this.byId.set(id, envelope)
  }

  delete(id: string): void {
    if (this.byId.delete(id)) this.#sorted = null
  }

  /** Kept between pages, so that paging through a collection sorts it once. */
  sortedIds(): readonly string[] {
    this.#sorted ??= [...this.byId.keys()].sort(compareIds)
    return this.#sorted
  }
}

export class VaultRows {
  readonly #vaults = new Map<string, Map<string, Rows>>()

  vaultNames(): string[] {
    return [...this.#vaults.keys()]
  }

  get(vault: string, collection: string, id: string): EncryptedEnvelope | null {
    return this.#vaults.get(vault)?.get(collection)?.byId.get(id) ?? null
  }

  set(vault: string, collection: string, id: string, envelope: EncryptedEnvelope): void {
    const collections = this.#vaults.get(vault) ?? new Map<string, Rows>()
    const rows = collections.get(collection) ?? new Rows()
    rows.set(id, envelope)
    collections.set(collection, rows)
    this.#vaults.set(vault, collections)
  }

  delete(vault: string, collection: string, id: string): void {
    const collections = this.#vaults.get(vault)
    const rows = collections?.get(collection)
    rows?.delete(id)
    if (rows?.byId.size === 0) collections?.delete(collection)
    if (collections?.size === 0) this.#vaults.delete(vault)
  }

  ids(vault: string, collection: string): string[] {
    return [...(this.#vaults.get(vault)?.get(collection)?.byId.keys() ?? [])]
  }

  sortedIds(vault: string, collection: string): readonly string[] {
    return this.#vaults.get(vault)?.get(collection)?.sortedIds() ?? []
  }

  /** Names of the collections that hold at least one row, with their rows. */
  collections(vault: string): Array<[name: string, rows: ReadonlyMap<string, EncryptedEnvelope>]> {
    return [...(this.#vaults.get(vault) ?? [])].map(([name, rows]) => [name, rows.byId])
  }

  dropCollection(vault: string, collection: string): void {
    const collections = this.#vaults.get(vault)
    collections?.delete(collection)
    if (collections?.size === 0) this.#vaults.delete(vault)
  }
}
