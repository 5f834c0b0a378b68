/** One thing that the hub does, at several sizes, beside peers that do the same; each in a process of its own. */
import type { Prepared } from '../lib/bench.ts'

/** `floor` is raw SQLite and bare AES-GCM over each body: what no store of encrypted records can leave out. */
export type Who = 'hub' | 'raw' | 'cipher' | 'floor' | 'pouch'

export interface Runner {
  /** Makes what the timed part starts from at `path`; once for each size, in a process of its own. */
  fill?(path: string, count: number): Promise<void> | void
  /** `path` is a copy of what was filled, or free. */
  prepare(path: string, count: number): Promise<Prepared> | Prepared
}

export interface Measured {
  /** Median milliseconds of the rounds, processor milliseconds of all threads, and the peak of resident memory. */
  readonly ms: number
  readonly cpu: number
  readonly peakMB: number
}

export type Row = Partial<Record<Who, Measured>>

export interface Line {
  readonly title: string
  /** What is aimed at, in words. */
  readonly aim: string
  /** What the aim is about, and its limit: at 10,000 records unless at any size. */
  readonly value: (row: Row) => number
  readonly limit: number
  readonly anySize?: boolean
  /** How many records a run handles. */
  handles(count: number): number
  readonly runners: Partial<Record<Who, Runner>>
}

export const SIZES: readonly number[] = [1_000, 10_000, 50_000]
/** The size the aims are for, and the only one at which PouchDB takes part. */
export const AIMED_AT = 10_000

export const ms = (row: Row): number => row.hub?.ms ?? NaN

export function times(row: Row, peer: Who): number {
  return ms(row) / (row[peer]?.ms ?? NaN)
}
