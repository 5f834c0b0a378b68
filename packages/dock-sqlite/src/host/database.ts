/**
 * A foreign database as a private copy that nothing can write to. Views, triggers and virtual tables are definitions that
 * run when they are touched: none is. Generated columns are left out for the same reason.
 */
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ForeignTable, ForeignValue } from '@klum-db/lobby'
import Database from 'better-sqlite3'
import { ForeignFailure } from '../protocol.ts'

const BATCH_ROWS = 500
const BATCH_CHARS = 1024 * 1024

export interface Caps {
  readonly maxBytes: number
  readonly maxChars: number
}

export interface OpenFile {
  tables(): ForeignTable[]
  batches(table: string): Iterable<ForeignValue[][]>
  close(): void
}

export function openCopy(path: string, caps: Caps): OpenFile {
  assertReadable(path, caps)
  const folder = mkdtempSync(join(tmpdir(), 'foreign-'))
  try {
    const db = openReadOnly(copyInto(folder, path))
    // Where the system allows it, what is read has no name any more: a crash leaves no client data in a folder.
    if (process.platform !== 'win32') rmSync(folder, { recursive: true, force: true })
    return openFile(db, folder, caps)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

function assertReadable(path: string, { maxBytes }: Caps): void {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found?.isFile() !== true) throw new ForeignFailure('invalid', 'The database is not there.')
  if (found.size > maxBytes)
    throw new ForeignFailure('limit', `The database has more than ${maxBytes} bytes.`)
  for (const suffix of ['-wal', '-journal']) {
    const log = statSync(path + suffix, { throwIfNoEntry: false })
    if (log !== undefined && log.size > 0)
      throw new ForeignFailure('invalid', 'Another program has the database open; close it there first.')
  }
}

function copyInto(folder: string, path: string): string {
  const copy = join(folder, 'copy.db')
  copyFileSync(path, copy)
  leaveWalMode(copy)
  return copy
}

/** Bytes 18 and 19 of the head say 2 for a write-ahead log, which a read-only opener could not make; there is none to replay. */
function leaveWalMode(copy: string): void {
  const handle = openSync(copy, 'r+')
  try {
    const head = Buffer.alloc(20)
    readSync(handle, head, 0, 20, 0)
    if (head[18] === 2 && head[19] === 2) writeSync(handle, Buffer.from([1, 1]), 0, 2, 18)
  } finally {
    closeSync(handle)
  }
}

function openReadOnly(copy: string): Database.Database {
  const db = new Database(copy, { readonly: true, fileMustExist: true })
  try {
    // better-sqlite3 opens every connection with SQLITE_DBCONFIG_DEFENSIVE; `unsafeMode` is what would lift it.
    db.pragma('trusted_schema = OFF')
    db.pragma('query_only = ON')
    db.pragma('cell_size_check = ON')
    db.pragma('mmap_size = 0')
    db.pragma('schema_version') // reads the file, so that its name may go
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

interface ListedTable {
  readonly schema: string
  readonly name: string
  readonly type: string
}

interface ListedColumn {
  readonly name: string
  /** 0 for an ordinary column. */
  readonly hidden: number
}

function openFile(db: Database.Database, folder: string, caps: Caps): OpenFile {
  const tables = (): ForeignTable[] => {
    const listed = db.pragma('main.table_list') as ListedTable[] // as SQLite documents it
    return listed
      .filter(
        ({ schema, name, type }) => schema === 'main' && type === 'table' && !name.startsWith('sqlite_'),
      )
      .map(({ name }) => ({ name, columns: ordinaryColumns(db, name) }))
      .sort((left, right) => (left.name < right.name ? -1 : 1))
  }
  return {
    tables,
    batches(name) {
      const table = tables().find((one) => one.name === name)
      if (table === undefined) throw new ForeignFailure('invalid', `The database has no table ${name}.`)
      return table.columns.length === 0 ? [] : scan(db, table, caps)
    },
    close() {
      db.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function ordinaryColumns(db: Database.Database, table: string): string[] {
  const columns = db.prepare('SELECT name, hidden FROM pragma_table_xinfo(?)').all(table) as ListedColumn[] // as selected
  return columns.filter(({ hidden }) => hidden === 0).map(({ name }) => name)
}

function* scan(db: Database.Database, table: ForeignTable, caps: Caps): Iterable<ForeignValue[][]> {
  const columns = table.columns.map(quoted).join(', ')
  const statement = db.prepare(`SELECT ${columns} FROM main.${quoted(table.name)} NOT INDEXED`)
  let batch: ForeignValue[][] = []
  let chars = 0
  for (const row of statement.raw().safeIntegers().iterate() as Iterable<unknown[]>) {
    const values = row.map((value) => valueOf(value, caps))
    batch.push(values)
    for (const value of values) chars += typeof value === 'string' ? value.length : 8
    if (batch.length < BATCH_ROWS && chars < BATCH_CHARS) continue
    yield batch
    batch = []
    chars = 0
  }
  if (batch.length > 0) yield batch
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Reals as their shortest text: what the sender's program showed, without an exponent a person would not write. */
function valueOf(value: unknown, { maxChars }: Caps): ForeignValue {
  if (typeof value === 'bigint') return isSafe(value) ? Number(value) : String(value)
  if (typeof value === 'number') return plainReal(value)
  if (typeof value === 'string') return value.length > maxChars ? { bytes: Buffer.byteLength(value) } : value
  return value instanceof Uint8Array ? { bytes: value.length } : null
}

function isSafe(value: bigint): boolean {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
}

function plainReal(value: number): string {
  const text = String(value)
  return text.includes('e')
    ? value.toLocaleString('en', { useGrouping: false, maximumFractionDigits: 20 })
    : text
}
