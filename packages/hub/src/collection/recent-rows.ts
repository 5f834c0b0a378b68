/**
 * The rows of `large` collections that were read last, up to a budget of bytes, over all vaults of a session. What has not
 * been asked for the longest goes first.
 */
import type { Row } from './row.ts'

interface Entry {
  readonly owner: object
  readonly id: string
  readonly row: Row
  readonly bytes: number
}

/** What an entry costs beside its record. */
const ENTRY_BYTES = 200

export class RecentRows {
  readonly #budget: number
  readonly #byOwner = new Map<object, Map<string, Entry>>()
  /** Oldest use first. */
  readonly #used = new Set<Entry>()
  #bytes = 0
  #mark = 0

  /** @param budget bytes of stored text (base64 ciphertext) of the rows remembered; 0 remembers none */
  constructor(budget: number) {
    this.#budget = budget
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Changes whenever a row is taken out because it was written. */
  get mark(): number {
    return this.#mark
  }

  get(owner: object, id: string): Row | undefined {
    const entry = this.#byOwner.get(owner)?.get(id)
    if (entry === undefined) return undefined
    this.#used.delete(entry)
    this.#used.add(entry)
    return entry.row
  }

  set(owner: object, id: string, row: Row, textLength: number): void {
    const bytes = textLength + ENTRY_BYTES
    if (bytes > this.#budget) return
    this.#remove(owner, id)
    const entry: Entry = { owner, id, row, bytes }
    const rows = this.#byOwner.get(owner) ?? new Map<string, Entry>()
    this.#byOwner.set(owner, rows.set(id, entry))
    this.#used.add(entry)
    this.#bytes += bytes
    for (const oldest of this.#used) {
      if (this.#bytes <= this.#budget) break
      this.#remove(oldest.owner, oldest.id)
    }
  }

  delete(owner: object, id: string): void {
    this.#mark += 1
    this.#remove(owner, id)
  }

  /** Every row of one owner. */
  forget(owner: object): void {
    this.#mark += 1
    for (const id of [...(this.#byOwner.get(owner)?.keys() ?? [])]) this.#remove(owner, id)
  }

  #remove(owner: object, id: string): void {
    const rows = this.#byOwner.get(owner)
    const entry = rows?.get(id)
    if (rows === undefined || entry === undefined) return
    rows.delete(id)
    if (rows.size === 0) this.#byOwner.delete(owner)
    this.#used.delete(entry)
    this.#bytes -= entry.bytes
  }
}
