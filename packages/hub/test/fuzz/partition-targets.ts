/** Containers, headers and bodies of the hub, damaged outside and inside: what is inside is sealed and hashed again. */
import { Readable, type Transform } from 'node:stream'
import { brotliCompressSync, createBrotliCompress, createGzip, gzipSync } from 'node:zlib'
import {
  decryptExtractedPartition,
  readNoydbBundle,
  readNoydbBundlePublicEnvelope,
} from '../../src/bundle.ts'
import { NoydbError } from '../../src/errors.ts'
import { encodeText, HANDLE, partitionHeader, SEAL_ID } from '../formats/container.ts'
import { makeBody1 } from '../formats/partition-1.ts'
import { joinParts2, makeParts2, QUICK, sealDirectory2, type Head2 } from '../formats/partition-2.ts'
import { bytesOf, countingIvs } from '../formats/seal.ts'
import { EXPANDED_BYTES, type Target, type Tools } from './target.ts'

const transferKey = new Uint8Array(bytesOf(1))
const isRefusal = (error: unknown): boolean => error instanceof NoydbError
const clear = {
  _v: 1,
  _ts: '2026-01-01T00:00:00.000Z',
  _by: 'u',
  _source: 's',
  _sourceTs: '2026-01-01T00:00:00.000Z',
}
const record = {
  id: 'a',
  number: 'INV-1',
  lines: [{ net: 100, text: 'é "quoted" \\ 🧾' }],
  memo: 'x'.repeat(300),
}
const row = { id: 'a', ...clear, record }

/** A container around a body that fits it; one in four is damaged from outside as well. */
function wrap(tools: Tools, body: Uint8Array, compression = 0): Uint8Array {
  const { random } = tools
  const packed = pack(tools, body, compression)
  let header: unknown = partitionHeader(packed)
  if (random.chance(0.05)) header = tools.mutateJson(random, header)
  const text = JSON.stringify(header)
  const bytes = encodeText({ text, body: packed, compression })
  if (random.chance(0.75)) return bytes
  return tools.mutateBytes(random, bytes, [4, 5, 6, 10, 10 + text.length, bytes.length])
}

/** Compressed as said; now and then the compressed bytes are damaged, or are a bomb. */
function pack({ random, mutateBytes }: Tools, body: Uint8Array, compression: number): Uint8Array {
  if (compression === 0) return body
  const packed = compression === 1 ? gzipSync(body) : brotliCompressSync(body, QUICK)
  return random.chance(0.2) ? mutateBytes(random, packed, [0, 10, packed.length]) : packed
}

/** Four times what is allowed, in a few hundred bytes; made piece by piece, so that it costs no memory here. */
async function bomb(compressor: Transform): Promise<Buffer> {
  const piece = Buffer.alloc(64 * 1024, ' ')
  const pieces = Array.from({ length: (4 * EXPANDED_BYTES) / piece.length }, () => piece)
  return Buffer.concat(await Array.fromAsync<Buffer>(Readable.from(pieces).pipe(compressor)))
}

const bombs = { gzip: await bomb(createGzip()), brotli: await bomb(createBrotliCompress()) }

function makeHeader(tools: Tools): Uint8Array {
  const { random } = tools
  const body = Buffer.from('{"a":1}')
  const envelope = { _noydb_public: 1, version: 1, name: { en: 'Office', it: 'Studio' }, defaultLocale: 'en' }
  let header: unknown = { ...partitionHeader(body), publicEnvelope: envelope }
  for (let count = random.int(3); count > 0; count -= 1) header = tools.mutateJson(random, header)
  let text = JSON.stringify(header)
  if (random.chance(0.4)) text = tools.mutateText(random, text)
  const bytes = encodeText({ text, body, compression: random.int(3) })
  return random.chance(0.5) ? bytes : tools.mutateBytes(random, bytes, [0, 4, 5, 6, 10, 10 + text.length])
}

function makeFormat1(tools: Tools): Uint8Array {
  const { random, mutateJson, mutateText } = tools
  const inner = random.chance(0.3) ? mutateJson(random, record) : record
  const collections = ['a', 'b'].map((name) => ({
    name,
    key: bytesOf(2),
    rows: [{ id: 'a', clear, record: inner }],
  }))
  const head = { _noydb_backup: 1, _compartment: 'v', _handle: HANDLE }
  const { wrapper, dump } = makeBody1({ transferKey, head, collections, ivs: countingIvs() })
  if (random.chance(0.4)) wrapper.dump = JSON.stringify(mutateJson(random, dump))
  if (random.chance(0.2)) wrapper.dump = mutateText(random, wrapper.dump)
  let text = JSON.stringify(random.chance(0.2) ? mutateJson(random, wrapper) : wrapper)
  if (random.chance(0.1)) text = mutateText(random, text)
  const compression = random.int(3)
  if (compression > 0 && random.chance(0.01)) return wrapBomb(compression)
  return wrap(tools, Buffer.from(text), compression)
}

function wrapBomb(compression: number): Uint8Array {
  const body = compression === 1 ? bombs.gzip : bombs.brotli
  return encodeText({ text: JSON.stringify(partitionHeader(body)), body, compression })
}

function makeFormat2(tools: Tools): Uint8Array {
  const { random, mutateJson, mutateText, mutateBytes } = tools
  const compression = random.pick<Head2['compression']>(['none', 'gzip', 'brotli'])
  const head: Head2 = {
    sealId: SEAL_ID,
    exchangeId: random.chance(0.5) ? null : 'x',
    handle: HANDLE,
    compression,
  }
  const lines = ['{}', JSON.stringify(row), JSON.stringify({ ...row, id: 'b' })]
  if (random.chance(0.5)) lines[random.int(3)] = JSON.stringify(mutateJson(random, row))
  if (random.chance(0.2)) lines[random.int(3)] = mutateText(random, JSON.stringify(row))
  const packed = compression !== 'none' && random.chance(0.01) ? hidden(random.chance(0.5), compression) : {}
  const sections = ['a', 'b'].map((collection, at) => ({
    collection,
    key: bytesOf(2 + at),
    lines,
    ...packed,
  }))
  const about = { vault: 'v', userId: 'u', exportedAt: clear._ts }
  const parts = makeParts2({ transferKey, head, about, sections, ivs: countingIvs() })
  if (random.chance(0.1)) parts.head = Object.assign({}, mutateJson(random, parts.head))
  if (random.chance(0.15)) parts.directory = changedDirectory(tools, head, parts.chunks)
  if (random.chance(0.1)) parts.chunks.reverse()
  const [first = []] = parts.chunks
  if (random.chance(0.1)) first.push(...first)
  if (random.chance(0.05)) first.pop()
  const body = joinParts2(parts)
  const directoryAt = body.length - parts.directory.length - Buffer.concat(parts.chunks.flat()).length
  const marks = [0, 4, 8, directoryAt, directoryAt + parts.directory.length, body.length]
  return wrap(tools, random.chance(0.15) ? mutateBytes(random, body, marks) : body)
}

/** A bomb that says how large it gets, or one that does not. */
function hidden(honest: boolean, compression: 'gzip' | 'brotli') {
  return { packed: { bytes: bombs[compression], plainBytes: honest ? 4 * EXPANDED_BYTES : 900 } }
}

/** Sealed with the right key, so that what is wrong is read. */
function changedDirectory({ random, mutateJson }: Tools, head: Head2, chunks: readonly Buffer[][]): Buffer {
  const sections = chunks.map((list, at) => ({
    collection: 'ab'[at],
    key: bytesOf(2 + at).toString('base64'),
    records: 2,
    plainBytes: 1000,
    sealedBytes: Buffer.concat(list).length,
  }))
  const directory = mutateJson(random, { vault: 'v', userId: 'u', exportedAt: clear._ts, sections })
  return sealDirectory2(transferKey, head, directory ?? null, countingIvs())
}

const decrypt = (bytes: Uint8Array): Promise<unknown> =>
  decryptExtractedPartition(bytes, transferKey, { maxExpandedBytes: EXPANDED_BYTES })

async function readAll(bytes: Uint8Array): Promise<void> {
  readNoydbBundlePublicEnvelope(bytes, { locale: 'it' })
  await readNoydbBundle(bytes, { maxExpandedBytes: EXPANDED_BYTES })
}

export const targets: readonly Target[] = [
  { name: 'container and header', make: makeHeader, parse: readAll, isRefusal },
  { name: 'body format 1', make: makeFormat1, parse: decrypt, isRefusal },
  { name: 'body format 2', make: makeFormat2, parse: decrypt, isRefusal },
]
