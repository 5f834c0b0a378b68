/**
 * What the other party has been sent, per record: enough to send only what changed since the last delivery it has taken.
 * Reserved rows (`_surfaceSent`, under the collection's key): one head per surface and collection, and buckets by id, of which
 * an export writes those that changed. Bodies are kept as short hashes.
 */
import type { SidecarKey, Transaction, VaultApi } from '@noy-db/hub'
import { hashJson, sha256 } from '../canonical-json.ts'
import type { Pace } from '../pace.ts'
import type { GoneIds } from './exchange-entry.ts'
import { fieldsIn, type SurfaceSlice } from './terms.ts'

const SENT = '_surfaceSent'
const BUCKETS = 64

/** Id, hash of the body as it was sent (null = told that it is gone), sequence of the delivery that said so first. */
type SentRecord = readonly [id: string, hash: string | null, sequence: number]

/** Of the head. Under other terms than these, everything is sent anew. */
interface SentHead {
  readonly terms: string
}

interface SentBucket {
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

  private constructor(vault: VaultApi, input: TrackerInput, known: readonly Known[]) {
    this.#vault = vault
    this.#input = input
    this.isFull = input.acknowledged === 0 || known.some(({ terms }) => terms !== input.terms)
    this.#tracked = new Map(
      known.map(({ collection, records }) => [collection, { collection, before: records, now: new Map() }]),
    )
  }

  static async read(vault: VaultApi, input: TrackerInput): Promise<SentTracker> {
    const known: Known[] = []
    for (const collection of input.slice.collections) {
      known.push(await readKnown(vault, input.surface, collection))
    }
    return new SentTracker(vault, input, known)
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

  /** Once everything has been seen: what the delivery of this number leaves to remember. */
  async stage(tx: Transaction, sequence: number, slices: Pace): Promise<void> {
    const { surface, terms } = this.#input
    for (const tracked of this.#tracked.values()) {
      const { collection } = tracked
      const head: SentHead = { terms }
      tx.putSidecar(this.#vault, SENT, headKey(surface, collection), head)
      for (const [bucket, records] of await this.#changedBuckets(tracked, sequence, slices)) {
        await slices.step()
        const row: SentBucket = { records }
        tx.putSidecar(this.#vault, SENT, bucketKey(surface, collection, bucket), row)
      }
    }
  }

  async #changedBuckets(
    { before, now }: Tracked,
    sequence: number,
    slices: Pace,
  ): Promise<Map<number, SentRecord[]>> {
    const buckets = new Map<number, SentRecord[]>()
    const changed = new Set<number>()
    for (const id of new Set([...before.keys(), ...now.keys()])) {
      await slices.step()
      const bucket = bucketOf(id)
      const sent = before.get(id)
      const record = this.#recordAfter(id, sent, now.get(id), sequence)
      if (record !== sent) changed.add(bucket)
      const records = buckets.get(bucket) ?? []
      if (record !== undefined) records.push(record)
      buckets.set(bucket, records)
    }
    return new Map([...buckets].filter(([bucket]) => changed.has(bucket)))
  }

  /** Undefined once the other party knows that it is gone. */
  #recordAfter(
    id: string,
    sent: SentRecord | undefined,
    hash: string | undefined,
    sequence: number,
  ): SentRecord | undefined {
    if (hash !== undefined) return sent?.[1] === hash ? sent : [id, hash, sequence]
    if (sent?.[1] !== null) return [id, null, sequence]
    return sent[2] <= this.#input.acknowledged ? undefined : sent
  }
}

interface Known {
  readonly collection: string
  /** Null where nothing was sent yet. */
  readonly terms: string | null
  readonly records: ReadonlyMap<string, SentRecord>
}

async function readKnown(vault: VaultApi, surface: string, collection: string): Promise<Known> {
  const [head] = await vault.sidecar<SentHead>(SENT).getMany([headKey(surface, collection)])
  if (head === null || head === undefined) return { collection, terms: null, records: new Map() }
  const keys = Array.from({ length: BUCKETS }, (_, bucket) => bucketKey(surface, collection, bucket))
  const stored = await vault.sidecar<SentBucket>(SENT).getMany(keys)
  const records = stored.flatMap((found) => found?.row.records ?? [])
  return { collection, terms: head.row.terms, records: new Map(records.map((record) => [record[0], record])) }
}

function headKey(surface: string, collection: string): SidecarKey {
  return { collection, key: sha256(surface).slice(0, 40) }
}

function bucketKey(surface: string, collection: string, bucket: number): SidecarKey {
  return { collection, key: `${sha256(surface).slice(0, 40)}-${String(bucket).padStart(2, '0')}` }
}

/** Any spread will do, as long as it stays: FNV-1a over the UTF-16 code units. */
function bucketOf(id: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193)
  return (hash >>> 0) % BUCKETS
}

function bodyHash(record: Record<string, unknown>, fields: readonly string[] | undefined): string {
  if (fields === undefined) return hashJson(record).slice(0, 32)
  const kept = new Set(['id', ...fields])
  const sent = Object.fromEntries(Object.entries(record).filter(([name]) => kept.has(name)))
  return hashJson(sent).slice(0, 32)
}
