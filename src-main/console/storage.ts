/**
 * The workspace file while the program runs. It stays open when the workspace is locked: the exclusive lock on the
 * file says that this program owns it, and nothing readable is in the storage host.
 */
import { type SqliteStore, type SqliteStoreOptions, sqliteStore } from '@noy-db/to-sqlite'
import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError, toAppError } from './app-error.ts'
import type { ConsoleOptions } from './options.ts'

export interface Storage {
  readonly file: string
  /** The open store; null where there is no file. @throws AppError STORE_* */
  existing(): Promise<SqliteStore | null>
  /** Makes the file where there is none. @throws AppError */
  create(): Promise<SqliteStore>
  /** Takes back a file that `create` made. */
  remove(): Promise<void>
  close(): Promise<void>
}

export function createStorage(options: ConsoleOptions): Storage {
  const { file } = options
  let opening: Promise<SqliteStore> | null = null

  const open = (create: boolean): Promise<SqliteStore> => {
    opening ??= openStore(options, create).catch((error: unknown) => {
      opening = null // asked again, it may be free or repaired
      throw toAppError(error)
    })
    return opening
  }
  const close = async (): Promise<void> => {
    const closing = opening
    opening = null
    const store = await closing?.catch(() => null) // a store that never opened has nothing to close
    await store?.close()
  }
  return {
    file,
    existing: async () => (opening !== null || existsSync(file) ? open(false) : null),
    async create() {
      await makeFolder(file)
      return open(true)
    },
    async remove() {
      await close()
      for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(`${file}${suffix}`, { force: true })
    },
    close,
  }
}

function openStore(options: ConsoleOptions, create: boolean): Promise<SqliteStore> {
  const { storageEntry, storageHost, storageExecPath, storageFaults } = options
  const given: Partial<SqliteStoreOptions> = {
    ...(storageEntry === undefined ? {} : { entry: storageEntry }),
    ...(storageHost === undefined ? {} : { host: storageHost }),
    ...(storageExecPath === undefined ? {} : { execPath: storageExecPath }),
    ...(storageFaults === undefined ? {} : { faults: storageFaults }),
  }
  return sqliteStore({ ...given, file: options.file, create, owner: 'the lobby console' })
}

async function makeFolder(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
  } catch (cause) {
    throw Object.assign(new AppError('STORE_UNAVAILABLE'), { cause })
  }
}
