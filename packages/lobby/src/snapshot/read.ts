/** A snapshot read from its first line to its last, and compared with what its trailer says. Nothing is decrypted. */
import type { LongWork } from '@noy-db/hub'
import type { CopiedRow } from '@noy-db/hub/copy'
import { createHash } from 'node:crypto'
import { pace } from '../pace.ts'
import {
  invalid,
  isTrailer,
  parseHeader,
  parseRow,
  parseTrailer,
  snapshotLimits,
  type SnapshotHeader,
  type SnapshotTotals,
  type SnapshotTrailer,
} from './format.ts'
import { snapshotFacts } from './facts.ts'
import { linesOf } from './lines.ts'

const PAGE_ROWS = 500
const PAGE_BYTES = 1024 * 1024

/** What comes of a snapshot, in this order: the header, its rows, the trailer once everything before it has been compared. */
export type SnapshotPart =
  | { readonly header: SnapshotHeader }
  | { readonly rows: readonly CopiedRow[] }
  | { readonly trailer: SnapshotTrailer; readonly bytes: number }

/** @throws LobbyError SNAPSHOT_INVALID | SNAPSHOT_TOO_NEW; what the file system throws */
export async function* readSnapshot(file: string, work?: LongWork): AsyncGenerator<SnapshotPart> {
  const reading = new Reading()
  const slices = pace(work)
  const total = work?.onProgress === undefined ? 0 : (await snapshotFacts(file)).rows
  for await (const line of linesOf(file, snapshotLimits.snapshotRowBytes)) {
    await slices.step(reading.rows, total)
    const part = reading.take(line)
    if (part !== null) yield* part
  }
  if (!reading.isOver) throw invalid('it was cut short')
}

class Reading {
  readonly #hash = createHash('sha256')
  readonly #collections = new Map<string, number>()
  #header: SnapshotHeader | null = null
  #page: CopiedRow[] = []
  #pageBytes = 0
  #bytes = 0
  rows = 0
  isOver = false

  take(line: Buffer): SnapshotPart[] | null {
    if (this.isOver) throw invalid('something follows its end')
    this.#bytes += line.length + 1
    if (this.#header === null) return [{ header: this.#takeHeader(line) }]
    if (isTrailer(line))
      return [...this.#takePage(), { trailer: this.#takeTrailer(line), bytes: this.#bytes }]
    this.#takeRow(line)
    return this.#page.length < PAGE_ROWS && this.#pageBytes < PAGE_BYTES ? null : this.#takePage()
  }

  #takeHeader(line: Buffer): SnapshotHeader {
    assertHead(line)
    this.#update(line)
    this.#header = parseHeader(line)
    return this.#header
  }

  #takeRow(line: Buffer): void {
    if (this.rows >= snapshotLimits.snapshotRows) throw invalid('it has too many rows')
    this.#update(line)
    const row = parseRow(line)
    this.#collections.set(row.collection, (this.#collections.get(row.collection) ?? 0) + 1)
    this.#page.push(row)
    this.#pageBytes += line.length
    this.rows += 1
  }

  #takePage(): SnapshotPart[] {
    const rows = this.#page
    this.#page = []
    this.#pageBytes = 0
    return rows.length === 0 ? [] : [{ rows }]
  }

  #takeTrailer(line: Buffer): SnapshotTrailer {
    assertHead(line)
    const trailer = parseTrailer(line)
    if (trailer.sha256 !== this.#hash.digest('hex')) throw invalid('it was changed after it was written')
    if (!sameCounts(trailer, this.rows, this.#collections)) throw invalid('rows are missing, or too many')
    this.isOver = true
    return trailer
  }

  #update(line: Buffer): void {
    this.#hash.update(line)
    this.#hash.update('\n')
  }
}

function assertHead(line: Buffer): void {
  if (line.length > snapshotLimits.snapshotHeadBytes) throw invalid('its header or its end is too long')
}

function sameCounts(
  { rows, collections }: SnapshotTotals,
  found: number,
  counted: ReadonlyMap<string, number>,
): boolean {
  const stated = Object.entries(collections)
  return (
    rows === found &&
    stated.length === counted.size &&
    stated.every(([name, count]) => counted.get(name) === count)
  )
}
