/** What a bench file offers to the runner. */

export type Durability = 'NORMAL' | 'FULL'

/** `raw` is what ratios divide by; `floor` does what no encrypted store can leave out, and no more. */
export type Role = 'raw' | 'cipher' | 'floor' | 'ours'

export interface Prepared {
  /** After the garbage of earlier rounds is gone, before the clock starts: a full collection also drops compiled code. */
  warm?(): unknown
  /** The only part that is timed. Resolves to how many records it handled, which is checked. */
  run(): number | Promise<number>
  end(): unknown
}

export interface Contestant {
  readonly role: Role
  readonly name: string
  prepare(count: number): Prepared | Promise<Prepared>
}

/** One thing done in several ways, in turns, in one run. */
export interface Question {
  readonly title: string
  readonly durability: Durability | '-'
  /** Which rows a contestant writes or reads, the same for all of them. */
  readonly written: string
  readonly count: number
  /** How many rows in how many transactions, where that is only known by doing it once. */
  amount?(): Promise<string>
  readonly contestants: readonly Contestant[]
}

/** Anything that is not a race: sizes, growth, counts, stalls. */
export interface Report {
  readonly title: string
  lines(settings: Settings): Promise<string[]>
}

export interface Settings {
  /** Measured rounds of each question. */
  readonly runs: number
  /** Sizes to measure at, where a report has several. */
  readonly records?: readonly number[]
  /** Folder for profiles of our side; the peers are then left out. */
  readonly profileTo?: string
}

export type Bench = Question | Report

export const RECORDS = 10_000
