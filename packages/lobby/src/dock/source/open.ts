/** Foreign files from disk or memory, capped before a byte is read. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { LongWork } from '@noy-db/hub'
import { pace } from '../../pace.ts'
import { dockLimits } from '../limits.ts'
import { beyond, invalid } from './error.ts'
import type { ForeignSource } from './types.ts'

/** @throws SourceError for what is no ordinary file, or too large */
export async function fileSource(path: string): Promise<ForeignSource> {
  const found = await stat(path).catch(() => null)
  if (found === null) throw invalid('The file is not there.')
  // A pipe or a device never ends.
  if (!found.isFile()) throw invalid('This is no ordinary file.')
  assertBytes(found.size)
  // A clock that goes ahead must not make its files win for ever.
  const writtenAt = new Date(Math.min(found.mtimeMs, Date.now())).toISOString()
  const chunks = () => capped(createReadStream(path))
  return { name: basename(path), bytes: found.size, writtenAt, path, chunks }
}

export function bytesSource(name: string, bytes: Uint8Array): ForeignSource {
  assertBytes(bytes.length)
  return { name: basename(name), bytes: bytes.length, chunks: () => inPieces(bytes) }
}

function assertBytes(bytes: number): void {
  if (bytes > dockLimits.sourceBytes) throw beyond(`The file has more than ${dockLimits.sourceBytes} bytes.`)
}

/** It may have grown since it was looked at. */
async function* capped(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.length
    assertBytes(bytes)
    yield chunk
  }
}

const PIECE = 64 * 1024

async function* inPieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE)
}

/** The whole of a file that is read as one document. @throws SourceError */
export async function readWhole(source: ForeignSource, maxBytes = dockLimits.documentBytes): Promise<Buffer> {
  if (source.bytes > maxBytes) throw beyond(`The document has more than ${maxBytes} bytes.`)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of source.chunks()) {
    bytes += chunk.length
    if (bytes > maxBytes) throw beyond(`The document has more than ${maxBytes} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** SHA-256 hex of the file: the same file again is known by it. */
export async function sha256Of(source: ForeignSource, work?: LongWork): Promise<string> {
  const hash = createHash('sha256')
  const slices = pace(work)
  let done = 0
  for await (const chunk of source.chunks()) {
    hash.update(chunk)
    done += chunk.length
    await slices.step(done, source.bytes)
  }
  return hash.digest('hex')
}
