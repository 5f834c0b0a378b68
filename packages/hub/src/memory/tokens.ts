/** Index tokens of the memory store. Those of a row that has gone find nothing, so deleting rows leaves them be. */
import type { VaultRows } from './rows.ts'
import { compareIds } from './id-order.ts'

export class TokenRows {
  readonly #byCollection = new Map<string, Map<string, ReadonlySet<string>>>()

  set(vault: string, collection: string, id: string, tokens: readonly string[]): void {
    const key = JSON.stringify([vault, collection])
    const byId = this.#byCollection.get(key) ?? new Map<string, ReadonlySet<string>>()
    this.#byCollection.set(key, byId)
    if (tokens.length === 0) byId.delete(id)
    else byId.set(id, new Set(tokens))
  }

  /** Sorted ids of the rows found under any of the tokens. */
  idsOf(rows: VaultRows, vault: string, collection: string, tokens: readonly string[]): string[] {
    const byId = this.#byCollection.get(JSON.stringify([vault, collection])) ?? new Map<string, Set<string>>()
    const found: string[] = []
    for (const [id, own] of byId) {
      if (tokens.some((token) => own.has(token)) && rows.get(vault, collection, id) !== null) found.push(id)
    }
    return found.sort(compareIds)
  }
}
