import type { Database, Statement } from 'better-sqlite3'

/** Vault and collection names as one small integer, so that no row repeats them. */
export class CollectionNames {
  readonly #known = new Map<string, Map<string, number>>()
  readonly #find: Statement<[string, string], number>
  readonly #add: Statement<[string, string], number>

  constructor(db: Database) {
    this.#find = db
      .prepare<[string, string], number>('SELECT id FROM collections WHERE vault = ? AND name = ?')
      .pluck()
    this.#add = db
      .prepare<[string, string], number>('INSERT INTO collections (vault, name) VALUES (?, ?) RETURNING id')
      .pluck()
  }

  /** The number of a collection, if anything was ever written there. */
  find(vault: string, name: string): number | undefined {
    return this.#known.get(vault)?.get(name) ?? this.#remember(vault, name, this.#find.get(vault, name))
  }

  /** The number of a collection, given on first use. */
  intern(vault: string, name: string): number {
    const number = this.find(vault, name) ?? this.#remember(vault, name, this.#add.get(vault, name))
    if (number === undefined) throw new Error('A collection got no number.')
    return number
  }

  /** A rolled back transaction may have taken numbers back. */
  forget(): void {
    this.#known.clear()
  }

  #remember(vault: string, name: string, number: number | undefined): number | undefined {
    if (number === undefined) return undefined
    const names = this.#known.get(vault) ?? new Map<string, number>()
    this.#known.set(vault, names.set(name, number))
    return number
  }
}
