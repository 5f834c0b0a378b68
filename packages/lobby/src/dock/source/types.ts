/** What every reader of foreign files gives: first what is in a file and how it was understood, then its rows, one by one. */
import type { LongWork } from '@noy-db/hub'
import type { Place } from './place.ts'

export type SourceKind = 'csv' | 'jsonl' | 'xlsx' | 'sqlite' | 'ubl' | 'ofx'

/** A foreign file. It may be read several times, each time from its start. */
export interface ForeignSource {
  /** File name without its folder. */
  readonly name: string
  readonly bytes: number
  /** ISO-8601, where it is known: what it brings is as old. Else as old as its reading. */
  readonly writtenAt?: string
  /** On disk, where it is; readers that need places in a file use it. */
  readonly path?: string
  chunks(): AsyncIterable<Uint8Array>
}

/** Text as it stands in the file; numbers as decimal text or safe integers; documents bring lists and objects of these. */
export type Cell = string | number | boolean | null | readonly Cell[] | { readonly [name: string]: Cell }
export type Cells = Readonly<Record<string, Cell>>

export interface SourceFault {
  readonly code:
    'RAGGED' | 'QUOTES' | 'TOO_LONG' | 'NOT_JSON' | 'REPEATED_NAME' | 'CELL' | 'ARITHMETIC' | 'MISSING'
  readonly message: string
  /** Column or field at fault. */
  readonly column?: string
}

/** A faulty row is given too, with what could be read of it. */
export interface SourceRow {
  readonly cells: Cells
  readonly place: Place
  readonly faults: readonly SourceFault[]
}

export type DateOrder = 'ymd' | 'dmy' | 'mdy'

export interface ColumnFacts {
  readonly name: string
  readonly type: 'empty' | 'text' | 'integer' | 'decimal' | 'date' | 'boolean' | 'object'
  /** Of a `decimal` column; both readings are possible where `ambiguous`. */
  readonly decimalMark?: '.' | ','
  /** Of a `date` column. */
  readonly dateOrder?: DateOrder
  /** Numbers or dates that could be read in another way: a person has to say. */
  readonly ambiguous: boolean
  /** Filled cells among the sampled rows. */
  readonly filled: number
}

export interface TableFacts {
  readonly name: string
  readonly columns: readonly ColumnFacts[]
  readonly sample: readonly SourceRow[]
  /** Sampled rows; the table may have more. */
  readonly sampled: number
}

/** How a file was understood; a profile may say otherwise. */
export interface Detected {
  readonly encoding?: Encoding
  readonly delimiter?: Delimiter
  readonly header?: boolean
  /** Format within the kind: "SGML 102", "UBL Invoice". */
  readonly format?: string
}

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'
export type Delimiter = ',' | ';' | '\t' | '|'

export interface SourceFacts {
  readonly kind: SourceKind
  readonly name: string
  readonly bytes: number
  readonly detected: Detected
  readonly tables: readonly TableFacts[]
}

/** Which rows, and how to understand them. What is left out is detected. */
export interface Selection extends Detected {
  /** Default: the first. */
  readonly table?: string
}

/** Reads one kind of file. Rows come as fast as they are asked for; leaving the loop closes the file. */
export interface SourceReader {
  readonly kind: SourceKind
  /** @throws SourceError, the signal's reason */
  inspect(source: ForeignSource, work?: LongWork): Promise<SourceFacts>
  /** @throws SourceError, the signal's reason */
  rows(source: ForeignSource, selection: Selection, work?: LongWork): AsyncIterable<SourceRow>
}
