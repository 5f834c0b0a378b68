/**
 * What the other party has been sent, per record: enough to send only what changed since the last delivery it has taken.
 * One reserved row per collection (`_surfaceSent`, under that collection's key); bodies are kept as short hashes.
 */
import type { Transaction, VaultApi } from '@noy-db/hub'
import { hashJson, sha256 } from '../canonical-json.ts'
import type { GoneIds } from './exchange-entry.ts'
import { fieldsIn, type SurfaceSlice } from './terms.ts'

const SENT = '_surfaceSent'

/** Id, hash of the body as it was sent (null = told that it is gone), sequence of the delivery that said so first. */
type SentRecord = readonly [id: string, hash: string | null, sequence: number]

interface SentRow {
  readonly surface: string
  /** Terms they were sent under: under others, everything is sent anew. */
  readonly terms: string
  readonly records: readonly SentRecord[]
}

interface Tracked {
  readonly collection: string
  readonly before: ReadonlyMap<string, SentRecord>
  readonly now: Map<string, string>
}

export interface TrackerInput {
  readonly surface: string
  readonly slice: SurfaceSlice
  /** Hash of the terms in force. */
  readonly terms: string
  /** Everything up to this delivery is known to have arrived; 0 sends all. */
  readonly acknowledged: number
}

export class SentTracker {
  /** Nothing is left out. */
  readonly isFull: boolean
  readonly #vault: VaultApi
  readonly #input: TrackerInput
  readonly #tracked: ReadonlyMap<string, Tracked>

  private constructor(vault: VaultApi, input: TrackerInput, rows: ReadonlyArray<SentRow | null>) {
    this.#vault = vault
    this.#input = input
    const usable = rows.map((row) => (row?.terms === input.terms ? row : null))
    this.isFull = input.acknowledged === 0 || usable.some((row) => row === null)
    this.#tracked = new Map(
      input.slice.collections.map((collection, at) => {
        const before = new Map((rows[at]?.records ?? []).map((record) => [record[0], record]))
        return [collection, { collection, before, now: new Map() }]
      }),
    )
  }

  static async read(vault: VaultApi, input: TrackerInput): Promise<SentTracker> {
    const keys = input.slice.collections.map((collection) => sentKey(input.surface, collection))
    const stored = await vault.sidecar<SentRow>(SENT).getMany(keys)
    return new SentTracker(
      vault,
      input,
      stored.map((found) => found?.row ?? null),
    )
  }

  /** Sees every record of the slice; says whether it goes along. */
  readonly select = (collection: string, id: string, record: Record<string, unknown>): boolean => {
    const tracked = this.#tracked.get(collection)
    if (tracked === undefined) return false
    const hash = bodyHash(record, fieldsIn(this.#input.slice, collection))
    tracked.now.set(id, hash)
    const sent = tracked.before.get(id)
    return this.isFull || sent?.[1] !== hash || sent[2] > this.#input.acknowledged
  }

  /** Records that were sent once and are not there any more, unless the other party knows. */
  gone(): GoneIds {
    const found = [...this.#tracked.values()].flatMap(({ collection, before, now }) => {
      const ids = [...before.values()].filter(([id, hash, sequence]) => {
        return !now.has(id) && (hash !== null || sequence > this.#input.acknowledged)
      })
      return ids.length === 0 ? [] : [[collection, ids.map(([id]) => id).sort()] as const]
    })
    return Object.fromEntries(found)
  }

  /** Once everything has been seen. */
  stage(tx: Transaction, sequence: number): void {
    const { surface, terms } = this.#input
    for (const { collection, before, now } of this.#tracked.values()) {
      const present = [...now].map(([id, hash]): SentRecord => {
        const sent = before.get(id)
        return sent?.[1] === hash ? sent : [id, hash, sequence]
      })
      const gone = [...before.values()].flatMap(([id, hash, since]): SentRecord[] => {
        if (now.has(id) || (hash === null && since <= this.#input.acknowledged)) return []
        return [[id, null, hash === null ? since : sequence]]
      })
      const row: SentRow = { surface, terms, records: [...present, ...gone] }
      tx.putSidecar(this.#vault, SENT, sentKey(surface, collection), row)
    }
  }
}

function sentKey(surface: string, collection: string): { collection: string; key: string } {
  return { collection, key: sha256(surface).slice(0, 40) }
}

function bodyHash(record: Record<string, unknown>, fields: readonly string[] | undefined): string {
  if (fields === undefined) return hashJson(record).slice(0, 32)
  const kept = new Set(['id', ...fields])
  const sent = Object.fromEntries(Object.entries(record).filter(([name]) => kept.has(name)))
  return hashJson(sent).slice(0, 32)
}
