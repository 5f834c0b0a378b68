/**
 * A section as it lies in the body: compressed lines, cut into chunks of a fixed size, each sealed by itself.
 * Section, position and whether it is the last are bound to each chunk, so that none can be left out,
 * repeated, moved or cut off. Lengths need no fields: they follow from the size.
 */
import type { KeyObject } from 'node:crypto'
import { openBytes, sealBytes } from '../../crypto/aead.ts'
import { BundleIntegrityError, TamperedError } from '../../errors.ts'
import type { Slices } from '../../transaction/slices.ts'
import { bindingData, type Binding } from './head.ts'

const CHUNK_BYTES = 64 * 1024
/** IV and tag. */
const OVERHEAD = 28

export interface ChunkPlace {
  readonly binding: Binding
  /** Position of the section in the directory. */
  readonly section: number
  readonly key: KeyObject
}

export async function sealChunks(place: ChunkPlace, bytes: Uint8Array, slices: Slices): Promise<Buffer[]> {
  const sealed: Buffer[] = []
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const last = at + CHUNK_BYTES >= bytes.length
    const aad = chunkData(place, sealed.length, last)
    sealed.push(sealBytes(place.key, bytes.subarray(at, at + CHUNK_BYTES), aad))
    if (slices.due()) await slices.pause()
  }
  return sealed
}

/** @throws TamperedError for a chunk that is not the one written here */
export async function openChunks(place: ChunkPlace, sealed: Uint8Array, slices: Slices): Promise<Buffer[]> {
  const opened: Buffer[] = []
  const step = CHUNK_BYTES + OVERHEAD
  for (let at = 0; at < sealed.length; at += step) {
    const last = at + step >= sealed.length
    opened.push(openChunk(place, opened.length, last, sealed.subarray(at, at + step)))
    if (slices.due()) await slices.pause()
  }
  if (opened.length === 0) throw new BundleIntegrityError('The body has a section without chunks.')
  return opened
}

function openChunk(place: ChunkPlace, index: number, last: boolean, bytes: Uint8Array): Buffer {
  try {
    return openBytes(place.key, bytes, chunkData(place, index, last))
  } catch (cause) {
    const error = new TamperedError(`Chunk ${index} of section ${place.section} was changed or moved.`)
    throw Object.assign(error, { cause })
  }
}

function chunkData({ binding, section }: ChunkPlace, index: number, last: boolean): Buffer {
  return bindingData(binding, [section, index, last ? 1 : 0])
}
