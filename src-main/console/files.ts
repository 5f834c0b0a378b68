/**
 * Files by handle: those a person chose, those a browser uploaded, and those made for a person. A screen holds a handle
 * and a name, never a path or bytes. All handles end at lock; uploads are removed from disk then.
 */
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdtemp, open, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FileRef } from '../../src-shared/ipc/common.ts'
import { AppError } from './app-error.ts'
import type { ConsoleOptions, FilePurpose } from './options.ts'

/** Bytes accepted per kind of file, before anything is parsed. */
export const fileLimits: Readonly<Record<FilePurpose, number>> = {
  bundle: 320 * 1024 * 1024,
  keys: 4 * 1024 * 1024,
}

type Entry =
  | { readonly kind: 'path'; readonly name: string; readonly path: string; readonly limit: number }
  | { readonly kind: 'made'; readonly name: string; readonly bytes: Uint8Array }

export interface FilesService {
  /** Asks the person; null when they cancel or the host has no dialogs. */
  choose(purpose: FilePurpose): Promise<FileRef | null>
  /** Saves a made file where the person says; a host without dialogs downloads it instead. */
  save(handle: string): Promise<{ saved: boolean; path: string | null }>
  /** A file on this machine. @throws AppError FILE_GONE, FILE_TOO_LARGE */
  register(path: string, purpose: FilePurpose): Promise<FileRef>
  /** Streams an upload to a private temporary file, capped. @throws AppError FILE_TOO_LARGE */
  receive(content: AsyncIterable<Uint8Array>, about: { name: string; purpose: FilePurpose }): Promise<FileRef>
  /** Keeps bytes for the person to save. They stay in memory: a key file must not touch a disk on its own. */
  offer(name: string, bytes: Uint8Array): FileRef
  /** @throws AppError FILE_GONE, FILE_TOO_LARGE */
  read(handle: string): Promise<{ name: string; bytes: Uint8Array }>
  /** Forgets every handle. */
  clear(): Promise<void>
}

export function createFiles(options: Pick<ConsoleOptions, 'chooseFile' | 'saveFile'>): FilesService {
  const entries = new Map<string, Entry>()
  let folder: Promise<string> | null = null

  const add = (entry: Entry, bytes: number): FileRef => {
    const handle = randomUUID()
    entries.set(handle, entry)
    return { handle, name: entry.name, bytes }
  }
  const get = (handle: string): Entry => {
    const entry = entries.get(handle)
    if (entry === undefined) throw new AppError('FILE_GONE')
    return entry
  }
  const register = async (path: string, purpose: FilePurpose): Promise<FileRef> => {
    const bytes = await sizeOf(path)
    if (bytes > fileLimits[purpose]) throw tooLarge(fileLimits[purpose])
    return add({ kind: 'path', name: basename(path), path, limit: fileLimits[purpose] }, bytes)
  }
  return {
    register,
    async choose(purpose) {
      const path = (await options.chooseFile?.(purpose)) ?? null
      return path === null ? null : register(path, purpose)
    },
    async receive(content, { name, purpose }) {
      folder ??= mkdtemp(join(tmpdir(), 'lobby-upload-'))
      const path = join(await folder, randomUUID())
      const bytes = await writeCapped(path, content, fileLimits[purpose])
      return add({ kind: 'path', name: basename(name), path, limit: fileLimits[purpose] }, bytes)
    },
    offer: (name, bytes) => add({ kind: 'made', name, bytes }, bytes.byteLength),
    async read(handle) {
      const entry = get(handle)
      return { name: entry.name, bytes: await bytesOf(entry) }
    },
    async save(handle) {
      const entry = get(handle)
      const path = (await options.saveFile?.(entry.name)) ?? null
      if (path === null) return { saved: false, path: null }
      await writeWhole(path, await bytesOf(entry))
      return { saved: true, path }
    },
    async clear() {
      entries.clear()
      const old = folder
      folder = null
      if (old) await rm(await old, { recursive: true, force: true })
    },
  }
}

async function bytesOf(entry: Entry): Promise<Uint8Array> {
  return entry.kind === 'made' ? entry.bytes : readCapped(entry.path, entry.limit)
}

/** Reads through one descriptor, so that a file that grows or is exchanged meanwhile cannot pass the cap. */
async function readCapped(path: string, limit: number): Promise<Uint8Array> {
  const file = await open(path).catch(gone)
  try {
    const { size } = await file.stat()
    if (size > limit) throw tooLarge(limit)
    const bytes = new Uint8Array(size)
    let at = 0
    while (at < size) {
      const { bytesRead } = await file.read(bytes, at, size - at, at)
      if (bytesRead === 0) break
      at += bytesRead
    }
    return bytes.subarray(0, at)
  } finally {
    await file.close()
  }
}

async function writeCapped(path: string, content: AsyncIterable<Uint8Array>, limit: number): Promise<number> {
  let total = 0
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      total += chunk.byteLength
      if (total > limit) throw tooLarge(limit)
      yield chunk
    }
  }
  try {
    await pipeline(Readable.from(counted()), createWriteStream(path, { mode: 0o600, flags: 'wx' }))
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
  return total
}

/** Complete or not there. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.${randomUUID().slice(0, 8)}.part`
  try {
    await writeFile(part, bytes, { mode: 0o600, flag: 'wx' })
    await rename(part, path)
  } catch (cause) {
    await rm(part, { force: true })
    const message = `The file could not be written to ${path}. Nothing there was changed. Choose another place.`
    throw Object.assign(new AppError('STORE_UNAVAILABLE', message), { cause })
  }
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(gone)
  if (!found.isFile()) throw new AppError('FILE_GONE')
  return found.size
}

function gone(cause: unknown): never {
  throw Object.assign(new AppError('FILE_GONE'), { cause })
}

function tooLarge(limit: number): AppError {
  return new AppError('FILE_TOO_LARGE', undefined, { limit })
}
