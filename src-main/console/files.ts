/**
 * Files by handle: those a person chose, those a browser uploaded, and those made for a person. A screen holds a handle
 * and a name, never a path or bytes. All handles end at lock; uploads are removed from disk then.
 */
import { bytesSource, dockLimits, fileSource, type ForeignSource, receiptLimits } from '@klum-db/lobby'
import { templateLimits } from '@klum-db/lobby/templates'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { FileRef } from '../../src-shared/ipc/common.ts'
import type { FilePurpose } from '../../src-shared/ipc/system.ts'
import { AppError } from './app-error.ts'
import { readCapped, sizeOf, writeCapped } from './capped-files.ts'
import type { ConsoleOptions } from './options.ts'
import { createSavedFiles } from './saved-files.ts'

/** Bytes accepted per kind of file, before anything is parsed. */
export const fileLimits: Readonly<Record<FilePurpose, number>> = {
  bundle: 320 * 1024 * 1024,
  keys: 4 * 1024 * 1024,
  template: templateLimits.templateBytes,
  import: dockLimits.sourceBytes,
  receipt: receiptLimits.receiptBytes,
  // Acts, receipts and logs are small; a delivery is a bundle.
  agreement: 320 * 1024 * 1024,
}

type Entry =
  | { readonly kind: 'path'; readonly name: string; readonly path: string; readonly limit: number }
  | { readonly kind: 'made'; readonly name: string; readonly bytes: Uint8Array }

export interface FilesService {
  /** Asks the person; null when they cancel or the host has no dialogs. */
  choose(purpose: FilePurpose): Promise<FileRef | null>
  /** Saves a made file where the person says; a host without dialogs downloads it instead. */
  save(handle: string): Promise<{ saved: boolean; path: string | null }>
  /** Shows where a made file was saved; nothing for one that was not. */
  reveal(handle: string): void
  /** A file on this machine. @throws AppError FILE_GONE, FILE_TOO_LARGE */
  register(path: string, purpose: FilePurpose): Promise<FileRef>
  /** Streams an upload to a private temporary file, capped. @throws AppError FILE_TOO_LARGE */
  receive(content: AsyncIterable<Uint8Array>, about: { name: string; purpose: FilePurpose }): Promise<FileRef>
  /** Keeps bytes for the person to save. They stay in memory: a key file must not touch a disk on its own. */
  offer(name: string, bytes: Uint8Array): FileRef
  /** `purpose`: what it turned out to be, where that has a lower cap. @throws AppError FILE_GONE, FILE_TOO_LARGE */
  read(handle: string, purpose?: FilePurpose): Promise<{ name: string; bytes: Uint8Array }>
  /** To be read piece by piece. @throws AppError FILE_GONE, FILE_TOO_LARGE */
  source(handle: string): Promise<ForeignSource>
  /** Forgets every handle. */
  clear(): Promise<void>
}

export function createFiles(
  options: Pick<ConsoleOptions, 'chooseFile' | 'saveFile' | 'revealFile'>,
): FilesService {
  const entries = new Map<string, Entry>()
  const saved = createSavedFiles(options)
  const uploads = createUploads()

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
    const bytes = await sizeOf(path, fileLimits[purpose])
    return add({ kind: 'path', name: basename(path), path, limit: fileLimits[purpose] }, bytes)
  }
  return {
    register,
    async choose(purpose) {
      const path = (await options.chooseFile?.(purpose)) ?? null
      return path === null ? null : register(path, purpose)
    },
    async receive(content, { name, purpose }) {
      const limit = fileLimits[purpose]
      const { path, bytes } = await uploads.receive(content, limit)
      return add({ kind: 'path', name: basename(name), path, limit }, bytes)
    },
    offer: (name, bytes) => add({ kind: 'made', name, bytes }, bytes.byteLength),
    read: async (handle, purpose) => readEntry(get(handle), purpose),
    source: async (handle) => sourceOf(get(handle)),
    async save(handle) {
      const entry = get(handle)
      return saved.save(handle, entry.name, () => bytesOf(entry))
    },
    reveal: (handle) => saved.reveal(handle),
    async clear() {
      entries.clear()
      saved.clear()
      await uploads.clear()
    },
  }
}

/** A folder of our own, made with the first upload. */
function createUploads() {
  let folder: Promise<string> | null = null
  return {
    async receive(
      content: AsyncIterable<Uint8Array>,
      limit: number,
    ): Promise<{ path: string; bytes: number }> {
      folder ??= mkdtemp(join(tmpdir(), 'lobby-upload-'))
      const path = join(await folder, randomUUID())
      return { path, bytes: await writeCapped(path, content, limit) }
    },
    async clear(): Promise<void> {
      const old = folder
      folder = null
      if (old) await rm(await old, { recursive: true, force: true })
    },
  }
}

async function readEntry(entry: Entry, purpose?: FilePurpose): Promise<{ name: string; bytes: Uint8Array }> {
  return { name: entry.name, bytes: await bytesOf(entry, purpose && fileLimits[purpose]) }
}

async function bytesOf(entry: Entry, limit = Infinity): Promise<Uint8Array> {
  return entry.kind === 'made' ? entry.bytes : readCapped(entry.path, Math.min(entry.limit, limit))
}

async function sourceOf(entry: Entry): Promise<ForeignSource> {
  if (entry.kind === 'made') return bytesSource(entry.name, entry.bytes)
  await sizeOf(entry.path, entry.limit)
  // An upload lies under a name of ours; a person knows it by theirs.
  return { ...(await fileSource(entry.path)), name: entry.name }
}
