/** What a snapshot says of itself, from its two ends: for lists. Nothing of it is proved. */
import { open, type FileHandle } from 'node:fs/promises'
import {
  invalid,
  isTrailer,
  parseHeader,
  parseTrailer,
  snapshotLimits,
  totalsOf,
  type SnapshotFacts,
} from './format.ts'

const NEWLINE = 0x0a

/** @throws LobbyError SNAPSHOT_INVALID | SNAPSHOT_TOO_NEW; what the file system throws */
export async function snapshotFacts(file: string): Promise<SnapshotFacts> {
  const handle = await open(file, 'r')
  try {
    const { size } = await handle.stat()
    const span = Math.min(size, snapshotLimits.snapshotHeadBytes + 1)
    const first = await bytesAt(handle, 0, span)
    const last = await bytesAt(handle, size - span, span)
    const end = last.lastIndexOf(NEWLINE, -2)
    const trailer = last.subarray(end + 1, -1)
    if (last.at(-1) !== NEWLINE || end < 0 || !isTrailer(trailer)) throw invalid('it was cut short')
    const header = parseHeader(first.subarray(0, Math.max(0, first.indexOf(NEWLINE))))
    return { ...header, ...totalsOf(parseTrailer(trailer)), bytes: size }
  } finally {
    await handle.close()
  }
}

async function bytesAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await handle.read(buffer, 0, length, position)
  return buffer.subarray(0, bytesRead)
}
