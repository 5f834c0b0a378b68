/** A body of format 2 from the description alone (docs/bundle-format.md, section 4), part by part. */
import { brotliCompressSync, brotliDecompressSync, constants, gunzipSync, gzipSync } from 'node:zlib'
import { openWith, sealWith, type Ivs } from './seal.ts'

/** The best is ten times as slow. */
export const QUICK = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }
export const CHUNK_BYTES = 65_536
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + 28

export interface Head2 {
  readonly sealId: string
  readonly exchangeId: string | null
  readonly handle: string
  readonly compression: 'none' | 'gzip' | 'brotli'
}

export interface Section2 {
  readonly collection: string
  readonly key: Uint8Array
  /** Without line feeds; the first one is the schema's. */
  readonly lines: readonly string[]
  /** In place of the lines: what the chunks hold, and how large the directory says it gets. */
  readonly packed?: { readonly bytes: Buffer; readonly plainBytes: number }
}

export interface Partition2 {
  readonly transferKey: Uint8Array
  readonly head: Head2
  readonly about: Readonly<Record<string, unknown>>
  readonly sections: readonly Section2[]
  readonly ivs: Ivs
}

/** Everything still apart, so that a test can change one thing and put it together again. */
export interface Parts2 {
  head: Record<string, unknown>
  directory: Buffer
  /** Chunks by section. */
  chunks: Buffer[][]
}

export function makeParts2(input: Partition2): Parts2 {
  const { transferKey, head, about, sections, ivs } = input
  const plain = sections.map(({ lines }) => Buffer.from(lines.map((line) => `${line}\n`).join('')))
  const chunks = sections.map(({ key, packed }, at) =>
    sealSection(head, at, key, packed?.bytes ?? pack(head, plain[at] ?? Buffer.of()), ivs),
  )
  const entries = sections.map(({ collection, key, lines, packed }, at) => ({
    collection,
    key: Buffer.from(key).toString('base64'),
    records: lines.length - 1,
    plainBytes: packed?.plainBytes ?? plain[at]?.length,
    sealedBytes: Buffer.concat(chunks[at] ?? []).length,
  }))
  const directory = sealDirectory2(transferKey, head, { ...about, sections: entries }, ivs)
  return { head: { ...head }, directory, chunks }
}

export function sealDirectory2(transferKey: Uint8Array, head: Head2, directory: unknown, ivs: Ivs): Buffer {
  return sealWith(transferKey, ivs(), JSON.stringify(directory), aad(head, ['directory']))
}

export function joinParts2({ head, directory, chunks }: Parts2): Uint8Array {
  const text = Buffer.from(JSON.stringify({ ...head, directoryBytes: directory.length }))
  const prefix = Buffer.alloc(8)
  prefix.write('NDP2')
  prefix.writeUInt32BE(text.length, 4)
  return new Uint8Array(Buffer.concat([prefix, text, directory, ...chunks.flat()]))
}

function sealSection(head: Head2, section: number, key: Uint8Array, bytes: Buffer, ivs: Ivs): Buffer[] {
  const count = Math.ceil(bytes.length / CHUNK_BYTES)
  return Array.from({ length: count }, (_, at) => {
    const piece = bytes.subarray(at * CHUNK_BYTES, (at + 1) * CHUNK_BYTES)
    return sealWith(key, ivs(), piece, aad(head, [section, at, at === count - 1 ? 1 : 0]))
  })
}

interface Opened2 {
  readonly directory: {
    readonly sections: ReadonlyArray<{ collection: string; key: string; sealedBytes: number }>
  }
  /** Lines by collection. */
  readonly lines: Readonly<Record<string, readonly string[]>>
}

/** The reader that goes with it: takes a body our writer made. */
export function openBody(body: Uint8Array, transferKey: Uint8Array): Opened2 {
  const bytes = Buffer.from(body)
  const headEnd = 8 + bytes.readUInt32BE(4)
  const head = JSON.parse(bytes.toString('utf8', 8, headEnd)) as Head2 & { directoryBytes: number } // as we write it
  let at = headEnd + head.directoryBytes
  const text = openWith(transferKey, bytes.subarray(headEnd, at), aad(head, ['directory'])).toString()
  const directory = JSON.parse(text) as Opened2['directory'] // as above
  const lines = directory.sections.map(({ collection, key, sealedBytes }, section) => {
    const sealed = bytes.subarray(at, (at += sealedBytes))
    const plain = unpack(head, openSection(head, section, Buffer.from(key, 'base64'), sealed))
    return [collection, plain.toString().split('\n').slice(0, -1)]
  })
  return { directory, lines: Object.fromEntries(lines) as Opened2['lines'] }
}

function openSection(head: Head2, section: number, key: Buffer, sealed: Buffer): Buffer {
  const count = Math.ceil(sealed.length / SEALED_CHUNK_BYTES)
  const chunks = Array.from({ length: count }, (_, at) => {
    const piece = sealed.subarray(at * SEALED_CHUNK_BYTES, (at + 1) * SEALED_CHUNK_BYTES)
    return openWith(key, piece, aad(head, [section, at, at === count - 1 ? 1 : 0]))
  })
  return Buffer.concat(chunks)
}

function aad({ sealId, exchangeId, handle, compression }: Head2, place: readonly unknown[]): string {
  return JSON.stringify(['noydb partition body 2', sealId, exchangeId, handle, compression, ...place])
}

function pack({ compression }: Head2, bytes: Buffer): Buffer {
  if (compression === 'none') return bytes
  return compression === 'gzip' ? gzipSync(bytes) : brotliCompressSync(bytes, QUICK)
}

function unpack({ compression }: Head2, bytes: Buffer): Buffer {
  if (compression === 'none') return bytes
  return compression === 'gzip' ? gunzipSync(bytes) : brotliDecompressSync(bytes)
}
