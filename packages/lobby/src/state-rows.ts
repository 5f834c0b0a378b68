/** Rows of one kind in the state vault, read past every cache: another runner may have written them. */
import type { Transaction, VaultApi } from '@noy-db/hub'

export interface Stored<T> {
  readonly row: T
  readonly version: number
}

export class StateRows<T> {
  readonly name: string
  readonly #vault: VaultApi

  constructor(vault: VaultApi, name: string) {
    vault.collection(name, { large: true })
    this.#vault = vault
    this.name = name
  }

  async get(id: string): Promise<Stored<T> | null> {
    const [found] = await this.#read([id])
    return found ?? null
  }

  /** In id order. */
  async list(prefix = ''): Promise<T[]> {
    const ids = await this.#vault._introspectState().adapter.list(this.#vault.name, this.name)
    const found = await this.#read(ids.filter((id) => id.startsWith(prefix)).sort())
    return found.flatMap((one) => (one === null ? [] : [one.row]))
  }

  /** `expectedVersion` 0 = it must not be there. */
  put(tx: Transaction, id: string, row: T, expectedVersion?: number): void {
    tx.put(this.#vault, this.name, id, row, expectedVersion === undefined ? {} : { expectedVersion })
  }

  async #read(ids: readonly string[]): Promise<(Stored<T> | null)[]> {
    const inside = this.#vault._introspectState()
    const envelopes = await Promise.all(ids.map((id) => inside.adapter.get(inside.name, this.name, id)))
    if (envelopes.every((envelope) => envelope === null)) return ids.map(() => null)
    await inside.getDEK(this.name)
    return envelopes.map((envelope, at) => {
      if (envelope === null) return null
      // Written by this package alone.
      return { row: inside.openEnvelope(this.name, ids[at] ?? '', envelope) as T, version: envelope._v }
    })
  }
}
