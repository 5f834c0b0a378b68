import type { Database } from 'better-sqlite3'
import { records } from './0001-records.ts'
import { tokens } from './0002-tokens.ts'

export interface Migration {
  readonly version: number
  up(db: Database): void
}

/** Every migration, in order, without gaps. Append only. */
export const migrations: readonly Migration[] = [records, tokens]
