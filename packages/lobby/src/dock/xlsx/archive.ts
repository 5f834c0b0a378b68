/**
 * The parts of a workbook's archive. Names and declared sizes are judged before anything is inflated, and what is inflated
 * is counted, so that a part that lied stops where its lie shows. Nothing is ever written to disk.
 */
import { fromBufferPromise, openPromise, type Entry, type ZipFile } from 'yauzl'
import { dockLimits } from '../limits.ts'
import { beyond, invalid, SourceError } from '../source/error.ts'
import { readWhole } from '../source/open.ts'
import type { ForeignSource } from '../source/types.ts'

const FREE_BYTES = 1024 * 1024
const UNIX_TYPE = 0o170000
const UNIX_LINK = 0o120000

export class Archive {
  readonly #zip: ZipFile
  readonly #parts: ReadonlyMap<string, Entry>
  #expanded = 0

  private constructor(zip: ZipFile, parts: ReadonlyMap<string, Entry>) {
    this.#zip = zip
    this.#parts = parts
  }

  /** @throws SourceError */
  static async open(source: ForeignSource): Promise<Archive> {
    let zip: ZipFile | undefined
    try {
      zip = await openZip(source)
      return new Archive(zip, await listParts(zip))
    } catch (error) {
      zip?.close()
      if (error instanceof SourceError) throw error
      throw Object.assign(invalid('This is no workbook: its archive cannot be read.'), { cause: error })
    }
  }

  close(): void {
    this.#zip.close()
  }

  has(name: string): boolean {
    return this.#parts.has(name)
  }

  /** @throws SourceError where it is absent, packed in a way that is not read, or larger than it may be */
  async *text(name: string): AsyncIterable<string> {
    const entry = this.#parts.get(name)
    if (entry === undefined) throw invalid(`The workbook has no part ${name}.`)
    const decoder = new TextDecoder('utf-8', { fatal: true })
    const stream = await this.#zip.openReadStreamPromise(entry)
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        // a stream of bytes
        this.#count(chunk.length)
        yield decoder.decode(chunk, { stream: true })
      }
      yield decoder.decode()
    } catch (error) {
      if (error instanceof SourceError) throw error
      throw Object.assign(invalid(`The part ${name} of the workbook is damaged.`), { cause: error })
    } finally {
      stream.destroy()
    }
  }

  #count(bytes: number): void {
    this.#expanded += bytes
    if (this.#expanded > dockLimits.expandedBytes)
      throw beyond(`The workbook has more than ${dockLimits.expandedBytes} bytes once unpacked.`)
  }
}

const options = { autoClose: false, strictFileNames: true, validateEntrySizes: true } as const

async function openZip(source: ForeignSource): Promise<ZipFile> {
  if (source.path !== undefined) return openPromise(source.path, options)
  return fromBufferPromise(await readWhole(source, dockLimits.sourceBytes), options)
}

async function listParts(zip: ZipFile): Promise<Map<string, Entry>> {
  if (zip.entryCount > dockLimits.archiveParts)
    throw beyond(`The workbook has more than ${dockLimits.archiveParts} parts.`)
  const parts = new Map<string, Entry>()
  let expanded = 0
  for await (const entry of zip.eachEntry()) {
    checkPart(entry, parts)
    expanded += entry.uncompressedSize
    if (expanded > dockLimits.expandedBytes)
      throw beyond(`The workbook has more than ${dockLimits.expandedBytes} bytes once unpacked.`)
    parts.set(entry.fileName, entry)
  }
  return parts
}

/** Paths are refused though nothing is unpacked to disk: an honest workbook has none that leave it. */
function checkPart(entry: Entry, parts: ReadonlyMap<string, Entry>): void {
  const { fileName, uncompressedSize, compressedSize, externalFileAttributes } = entry
  if (/(?:^|[\\/])\.\.(?:[\\/]|$)|^[\\/]|^[A-Za-z]:|\0/.test(fileName))
    throw invalid('The workbook holds a path that leads out of it.')
  if (((externalFileAttributes >>> 16) & UNIX_TYPE) === UNIX_LINK) throw invalid('The workbook holds a link.')
  if (parts.has(fileName)) throw invalid(`The workbook holds the part ${fileName.slice(0, 100)} twice.`)
  if (entry.isEncrypted()) throw invalid('The workbook is protected by a password.')
  if (uncompressedSize > FREE_BYTES && uncompressedSize > compressedSize * dockLimits.expansionRatio)
    throw beyond(`A part of the workbook unpacks to more than ${dockLimits.expansionRatio} times its size.`)
}
