import { closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Database } from 'better-sqlite3'
import { HostFailure } from '../failures.ts'
import { failureFrom } from './sqlite-errors.ts'

/** A compact copy of the whole file, complete on disk before it takes its name. */
export function backupDatabase(db: Database, file: string, path: string): void {
  try {
    const place = join(realpathSync(dirname(resolve(path))), basename(path))
    if (place === realpathSync(file))
      throw new HostFailure('STORE_BAD_ARGUMENT', 'A workspace cannot be its own backup.')
    const partial = `${path}.partial`
    rmSync(partial, { force: true })
    copyInto(db, partial)
    renameSync(partial, path)
    syncFolder(dirname(path))
  } catch (error) {
    throw asBackupFailure(error, path)
  }
}

function copyInto(db: Database, partial: string): void {
  try {
    db.prepare('VACUUM INTO ?').run(partial)
    sync(partial)
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r+')
  fsyncSync(descriptor)
  closeSync(descriptor)
}

/** Makes the new name durable; Windows has no such thing. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const descriptor = openSync(folder, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
}

function asBackupFailure(error: unknown, path: string): HostFailure {
  const { code, message, details } = failureFrom(error, path)
  if (code === 'STORE_BAD_ARGUMENT' || code === 'STORE_CORRUPT')
    return new HostFailure(code, message, details)
  const text =
    'The backup could not be written there. The workspace is unchanged. Check the place and its free space.'
  return new HostFailure(code === 'STORE_INTERNAL' ? 'STORE_UNAVAILABLE' : code, text, details)
}
