/**
 * Bundles as another program would write them, byte by byte from the format's description, so that hostile content
 * can stand inside an intact envelope. Only node:crypto; nothing of the code under test but the key file's writer.
 */
import { encodeKeyFile } from '@klum-db/lobby'
import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { brotliCompressSync } from 'node:zlib'

export interface ForgedRow {
  readonly id: string
  /** The record as JSON text, exactly as it will be read. */
  readonly text: string
}

export interface Forgery {
  readonly rows?: readonly ForgedRow[]
  /** Replaces the whole inflated body. */
  readonly bodyText?: string
  /** Brings the body into another form after it was made; its hash is taken afterwards. */
  readonly packBody?: (body: Buffer) => Buffer
  readonly compressed?: boolean
  /** Changes the manifest after it was made. */
  readonly manifest?: (manifest: Record<string, unknown>) => unknown
  readonly version?: number
}

export interface ForgedFiles {
  readonly bundle: Uint8Array
  readonly keys: string
  /** Offsets at which one part of the file ends and the next begins. */
  readonly boundaries: readonly number[]
}

const transferKey = Buffer.alloc(32, 7)
const dek = Buffer.alloc(32, 9)
const handle = '01JGXZ0000000000000000ABCD'
const sealId = '01JGXZ0000000000000000SEAL'
const time = '2026-05-03T10:00:00.000Z'

export function forge(forgery: Forgery = {}): ForgedFiles {
  const inner = innerBundle(forgery)
  const manifest = {
    multiFormatVersion: 1,
    handle: '01JGXZ0000000000000000WHLE',
    compartments: [
      {
        handle,
        exportedAt: time,
        innerBytes: inner.bytes.length,
        innerSha256: sha256(inner.bytes),
        name: 'Forged',
      },
    ],
  }
  const json = Buffer.from(JSON.stringify(forgery.manifest?.(manifest) ?? manifest))
  const bundle = Buffer.concat([prefix('NDBM', forgery.version ?? 1, json.length), json, inner.bytes])
  const start = 10 + json.length
  const boundaries = [4, 10, start, start + 10, start + inner.bodyAt, bundle.length]
  const keys = encodeKeyFile({ exchangeId: 'forged', container: bundle, keys: { [handle]: transferKey } })
  return { bundle, keys, boundaries }
}

function prefix(magic: string, version: number, length: number): Buffer {
  const bytes = Buffer.alloc(10)
  bytes.write(magic, 'latin1')
  bytes.writeUInt8(version, 4)
  bytes.writeUInt32BE(length, 6)
  return bytes
}

function innerBundle({ rows = [], bodyText, packBody, compressed = false }: Forgery) {
  const plain = Buffer.from(bodyText ?? partitionBody(rows))
  const packed = packBody?.(plain) ?? (compressed ? brotliCompressSync(plain) : plain)
  const header = Buffer.from(
    JSON.stringify({
      formatVersion: 1,
      handle,
      bodyBytes: packed.length,
      bodySha256: sha256(packed),
      bundleKind: 'extracted-partition',
      transferSeal: { v: 1, alg: 'aes-256-gcm-pre-shared', sealId },
    }),
  )
  const head = Buffer.alloc(10)
  head.write('NDB1', 'latin1')
  head.writeUInt8(compressed ? 3 : 2, 4)
  head.writeUInt8(compressed ? 2 : 0, 5)
  head.writeUInt32BE(header.length, 6)
  return { bytes: Buffer.concat([head, header, packed]), bodyAt: 10 + header.length }
}

function partitionBody(rows: readonly ForgedRow[]): string {
  const invoices = Object.fromEntries(rows.map(({ id, text }) => [id, envelope(text)]))
  const dump = JSON.stringify({ _noydb_backup: 1, keyrings: {}, collections: { invoices } })
  const payload = seal(transferKey, JSON.stringify({ invoices: dek.toString('base64') }))
  const _transferSeal = { v: 1, alg: 'aes-256-gcm-pre-shared', sealId, payload: payload.toString('base64') }
  return JSON.stringify({ _noydb_bundle_body: 1, dump, _transferSeal })
}

function envelope(text: string): Record<string, unknown> {
  const sealed = seal(dek, text)
  const iv = sealed.subarray(0, 12).toString('base64')
  return { _noydb: 1, _v: 1, _ts: time, _iv: iv, _data: sealed.subarray(12).toString('base64') }
}

function seal(key: Buffer, text: string): Buffer {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
