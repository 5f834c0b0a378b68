/** What a vault should hold, as plain maps, and how the real one is read for comparison. */
import type { Collection } from '../../collection/collection.ts'
import type { Noydb } from '../../noydb/noydb.ts'
import type { FaultStore } from './fault-store.ts'

export interface Value {
  readonly kind: string
  readonly amount: number
}

export const COLLECTIONS = ['plain', 'large'] as const
export type CollectionName = (typeof COLLECTIONS)[number]

export interface Change {
  readonly collection: CollectionName
  readonly id: string
  /** Null = delete. */
  readonly value: Value | null
}

interface Known {
  readonly value: Value | null
  readonly version: number
}

/** Versions go on over a delete, so deleted rows are remembered too. */
export class Model {
  readonly #rows = new Map<string, Known>()

  get(collection: CollectionName, id: string): Known {
    return this.#rows.get(`${collection}/${id}`) ?? { value: null, version: 0 }
  }

  /** All at once; the last change of a row counts. */
  apply(changes: readonly Change[]): void {
    const last = new Map(changes.map((change) => [`${change.collection}/${change.id}`, change]))
    for (const [key, { value }] of last) {
      const known = this.#rows.get(key) ?? { value: null, version: 0 }
      this.#rows.set(key, { value, version: value === null ? known.version : known.version + 1 })
    }
  }

  copy(): Model {
    const copy = new Model()
    for (const [key, known] of this.#rows) copy.#rows.set(key, known)
    return copy
  }

  become(other: Model): void {
    this.#rows.clear()
    for (const [key, known] of other.#rows) this.#rows.set(key, known)
  }

  /** Rows that exist, by `collection/id`. */
  content(): Record<string, Value & { version: number }> {
    const rows = [...this.#rows].filter(([, { value }]) => value !== null).sort(byKey)
    return Object.fromEntries(
      rows.map(([key, { value, version }]) => [key, { ...(value as Value), version }]),
    ) // filtered above
  }
}

export interface Real {
  readonly faults: FaultStore
  open(): Promise<Noydb>
  db: Noydb
}

export async function collectionOf(db: Noydb, name: CollectionName): Promise<Collection<Value>> {
  const vault = await db.openVault('v')
  return vault.collection<Value>(name, name === 'large' ? { large: true, indexes: ['kind'] } : {})
}

export async function contentOf(db: Noydb): Promise<Record<string, Value & { version: number }>> {
  const rows: [string, Value & { version: number }][] = []
  for (const name of COLLECTIONS) {
    for (const { id, record, metadata } of await (await collectionOf(db, name)).entries())
      rows.push([`${name}/${id}`, { ...record, version: metadata.version }])
  }
  return Object.fromEntries(rows.sort(byKey))
}

function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1
}
