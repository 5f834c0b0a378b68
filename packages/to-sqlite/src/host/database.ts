/**
 * The connection. One process owns a workspace: SQLite's own exclusive lock is held from open to close, so the operating
 * system releases it when the owner dies, however it dies. A side effect: the log needs no shared memory.
 */
import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { HostFailure, sentences } from '../failures.ts'
import { readOwner } from './owner.ts'
import type { HostSettings, StoreFaults } from './protocol.ts'
import { failureFrom } from './sqlite-errors.ts'
import { applicationId, upgrade } from './upgrade.ts'

/** Only another opener can make us wait, and it will not let go soon. */
const lockWaitMs = 300

export function openDatabase(settings: HostSettings): Database.Database {
  checkPlace(settings)
  let db: Database.Database | undefined
  try {
    db = new Database(settings.file, { timeout: lockWaitMs })
    prepareConnection(db, settings)
    return db
  } catch (error) {
    db?.close()
    throw explain(error, settings.file)
  }
}

function checkPlace({ file, create }: HostSettings): void {
  if (!existsSync(dirname(file)) || (!create && !existsSync(file))) {
    throw new HostFailure('STORE_NOT_FOUND', sentences.STORE_NOT_FOUND, { file })
  }
  if (existsSync(file) && !statSync(file).isFile()) {
    throw new HostFailure(
      'STORE_UNAVAILABLE',
      'This is not a file. Nothing was changed. Choose a file for the workspace.',
      {
        file,
      },
    )
  }
}

function prepareConnection(db: Database.Database, settings: HostSettings): void {
  db.pragma('locking_mode = EXCLUSIVE')
  db.pragma('trusted_schema = OFF')
  db.pragma('cell_size_check = ON')
  // Takes the lock and proves that the file can be written, before anything is.
  db.exec('BEGIN EXCLUSIVE; ROLLBACK')
  refuseForeign(db)
  // A new file gets its tables before the log mode, so that the main file alone always tells whose it is.
  upgrade(db)
  db.pragma('journal_mode = WAL')
  db.pragma(`synchronous = ${settings.durability === 'full' ? 'FULL' : 'NORMAL'}`)
  db.pragma('journal_size_limit = 67108864')
  // Removed keyrings and ciphertext are overwritten where that needs no extra write.
  db.pragma('secure_delete = FAST')
  applyFaults(db, settings.faults)
}

function refuseForeign(db: Database.Database): void {
  const id = db.pragma('application_id', { simple: true })
  if (id === applicationId) return
  const tables = db.prepare<[], number>('SELECT count(*) FROM sqlite_schema').pluck().get()
  if (id === 0 && tables === 0) return
  throw new HostFailure('STORE_FOREIGN', sentences.STORE_FOREIGN, { file: db.name })
}

function applyFaults(db: Database.Database, faults: StoreFaults | undefined): void {
  if (faults?.growthPages === undefined) return
  const pages = Number(db.pragma('page_count', { simple: true }))
  db.pragma(`max_page_count = ${pages + faults.growthPages}`)
}

function explain(error: unknown, file: string): HostFailure {
  const { code, message, details } = failureFrom(error, file)
  if (code !== 'STORE_LOCKED') return new HostFailure(code, message, details)
  const owner = readOwner(file)
  const holder = owner === null ? 'another program' : `${owner.owner} (process ${owner.pid} on ${owner.host})`
  const text = `This workspace is open in ${holder}. Nothing was changed. Close it there, then open it again here.`
  return new HostFailure('STORE_LOCKED', text, { file, owner })
}

/** What SQLite finds wrong with the whole file; empty when it is sound. */
export function integrityProblems(db: Database.Database): string[] {
  try {
    const lines = db.prepare<[], string>('PRAGMA integrity_check').pluck().all()
    return lines.length === 1 && lines[0] === 'ok' ? [] : lines
  } catch (error) {
    const failure = failureFrom(error, db.name)
    if (failure.code === 'STORE_CORRUPT') return [failure.message]
    throw error
  }
}
