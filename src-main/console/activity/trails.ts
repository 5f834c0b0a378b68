/**
 * The audit trails of several vaults read as one, newest first. A transaction writes one entry into every vault it
 * touches, all of one id and time: they come out together.
 */
import type { AuditApi, AuditEntry } from '@noy-db/hub'

export interface Source {
  /** Null is the workspace itself. */
  readonly client: { readonly vault: string; readonly name: string } | null
  readonly audit: AuditApi
}

export interface Part {
  readonly source: Source
  readonly entry: AuditEntry
}

/** What one transaction wrote, vault by vault. */
export type Deed = readonly [Part, ...Part[]]

/** A place in the order of deeds. */
export interface Place {
  readonly time: string
  readonly id: string
}

/** The entries of one vault, newest first, read a few at a time. */
class Trail {
  readonly source: Source
  #buffer: AuditEntry[] = []
  #before: number | undefined
  #ended = false

  constructor(source: Source) {
    this.source = source
  }

  async peek(): Promise<AuditEntry | null> {
    if (this.#buffer.length === 0 && !this.#ended) await this.#read()
    return this.#buffer[0] ?? null
  }

  take(): void {
    this.#buffer.shift()
  }

  async #read(): Promise<void> {
    const limit = this.#before === undefined ? 10 : 50
    const range = this.#before === undefined ? { limit } : { limit, before: this.#before }
    this.#buffer = await this.source.audit.list(range)
    const last = this.#buffer.at(-1)
    this.#ended = last === undefined || last.seq <= 1
    this.#before = last?.seq
  }
}

type Fits = (part: Part) => boolean

/** At most `limit` deeds, of their parts those that fit. */
export async function newestDeeds(sources: readonly Source[], fits: Fits, limit: number): Promise<Deed[]> {
  const found: Deed[] = []
  const heads = new Map<Trail, AuditEntry>()
  for (const source of sources) await advance(heads, new Trail(source), fits)
  while (found.length < limit && heads.size > 0) found.push(await takeLatest(heads, fits))
  return found
}

async function takeLatest(heads: Map<Trail, AuditEntry>, fits: Fits): Promise<Deed> {
  const ordered = [...heads].sort(([, a], [, b]) => (isBefore(a, b) ? 1 : -1))
  const [newest, ...others] = ordered
  if (newest === undefined) throw new RangeError('No trail has an entry left.')
  const same = others.filter(([, entry]) => entry.id === newest[1].id)
  for (const [trail] of [newest, ...same]) {
    trail.take()
    await advance(heads, trail, fits)
  }
  return [partOf(newest), ...same.map(partOf)]
}

const partOf = ([{ source }, entry]: readonly [Trail, AuditEntry]): Part => ({ source, entry })

/** Moves a trail to its next entry that fits. */
async function advance(heads: Map<Trail, AuditEntry>, trail: Trail, fits: Fits): Promise<void> {
  heads.delete(trail)
  let entry = await trail.peek()
  while (entry !== null && !fits({ source: trail.source, entry })) {
    trail.take()
    entry = await trail.peek()
  }
  if (entry !== null) heads.set(trail, entry)
}

export function isBefore(one: Place, other: Place): boolean {
  return one.time < other.time || (one.time === other.time && one.id < other.id)
}
