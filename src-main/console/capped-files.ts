/** Bytes in and out of files from outside: never more than the cap, whole or not at all. */
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AppError } from './app-error.ts'

/** Reads through one descriptor, so that a file that grows or is exchanged meanwhile cannot pass the cap. */
export async function readCapped(path: string, limit: number): Promise<Uint8Array> {
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

export async function writeCapped(
  path: string,
  content: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<number> {
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
export function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  return writeChunks(path, [bytes])
}

/** The same, of a file that is made while it is written; what its maker throws comes through. */
export async function writeChunks(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array | string>,
): Promise<void> {
  const part = `${path}.${randomUUID().slice(0, 8)}.part`
  try {
    await pipeline(Readable.from(chunks), createWriteStream(part, { mode: 0o600, flags: 'wx' }))
    await rename(part, path)
  } catch (cause) {
    await rm(part, { force: true })
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause
    const message = `The file could not be written to ${path}. Nothing there was changed. Choose another place.`
    throw Object.assign(new AppError('STORE_UNAVAILABLE', message), { cause })
  }
}

/** @throws AppError FILE_GONE, FILE_TOO_LARGE */
export async function sizeOf(path: string, limit: number): Promise<number> {
  const found = await stat(path).catch(gone)
  if (!found.isFile()) throw new AppError('FILE_GONE')
  if (found.size > limit) throw tooLarge(limit)
  return found.size
}

function gone(cause: unknown): never {
  throw Object.assign(new AppError('FILE_GONE'), { cause })
}

function tooLarge(limit: number): AppError {
  return new AppError('FILE_TOO_LARGE', undefined, { limit })
}
