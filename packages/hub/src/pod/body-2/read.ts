/** Opens a body of format 2. Nothing is inflated before the directory, sealed by the sender, said how large it gets. */
import type { KeyObject } from 'node:crypto'
import { BundleIntegrityError } from '../../errors.ts'
import { Slices } from '../../transaction/slices.ts'
import type { LongWork } from '../../types/collection.ts'
import { expand } from '../compression.ts'
import type { OpenedCollection } from '../partition.ts'
import { openChunks } from './chunks.ts'
import { openDirectory, type Directory } from './directory.ts'
import { readHead, type Body2Head } from './head.ts'
import { readLines } from './lines.ts'

export interface OpenBody2Options extends LongWork {
  maxExpandedBytes: number
}

/** `onProgress` counts records. @throws TransferSealError, TamperedError, BundleIntegrityError */
export async function openBody2(
  body: Uint8Array,
  transferKey: KeyObject,
  options: OpenBody2Options,
): Promise<OpenedCollection[]> {
  const head = readHead(body)
  const { directory, start } = openDirectoryOf(body, head, transferKey)
  const records = directory.sections.reduce((sum, section) => sum + section.records, 0)
  assertSizes(body.length - start, directory, options.maxExpandedBytes)
  const slices = new Slices(options, records)
  const opened: OpenedCollection[] = []
  let at = start
  let done = 0
  for (const [index, section] of directory.sections.entries()) {
    const place = { binding: head, section: index, key: section.key }
    const chunks = await openChunks(place, body.subarray(at, at + section.sealedBytes), slices)
    const plain = await expand(Buffer.concat(chunks), head.compression, section.plainBytes)
    if (plain.length !== section.plainBytes)
      throw new BundleIntegrityError(`"${section.collection}" is shorter than the directory says.`)
    opened.push(await readLines(section, plain, slices, done))
    at += section.sealedBytes
    done += section.records
  }
  return opened
}

function openDirectoryOf(
  body: Uint8Array,
  head: Body2Head,
  transferKey: KeyObject,
): { directory: Directory; start: number } {
  const start = head.offset + head.directoryBytes
  if (start > body.length) throw new BundleIntegrityError('The body ends inside its directory.')
  return { directory: openDirectory(transferKey, head, body.subarray(head.offset, start)), start }
}

/** The sections fill the body exactly, and expand to no more than the reader takes. */
function assertSizes(bytes: number, { sections }: Directory, maxExpandedBytes: number): void {
  if (sections.reduce((sum, section) => sum + section.sealedBytes, 0) !== bytes)
    throw new BundleIntegrityError('The body is longer or shorter than its directory says.')
  if (sections.reduce((sum, section) => sum + section.plainBytes, 0) > maxExpandedBytes)
    throw new BundleIntegrityError(`The body expands to more than ${maxExpandedBytes} bytes.`)
}
