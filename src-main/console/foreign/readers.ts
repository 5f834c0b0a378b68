/** The readers of foreign files; that of databases runs SQLite in a host of its own, started for each file. */
import { databaseReader, foreignReaders, type SourceKind, type SourceReader } from '@klum-db/lobby'
import { foreignSqlite } from '@klum-db/dock-sqlite'
import { pathToFileURL } from 'node:url'
import type { ConsoleOptions } from '../options.ts'

export type ForeignReaders = Readonly<Record<SourceKind, SourceReader>>

export type ReaderOptions = Pick<ConsoleOptions, 'foreignEntry' | 'storageHost' | 'storageExecPath'>

export function createReaders({ foreignEntry, storageHost, storageExecPath }: ReaderOptions): ForeignReaders {
  const sqlite = foreignSqlite({
    ...(foreignEntry !== undefined && { entry: pathToFileURL(foreignEntry) }),
    ...(storageHost !== undefined && { host: storageHost }),
    ...(storageExecPath !== undefined && { execPath: storageExecPath }),
  })
  return { ...foreignReaders, sqlite: databaseReader(sqlite) }
}
