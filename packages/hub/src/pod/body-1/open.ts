/** Opens a body of format 1: the seal first, then every record with the key of its collection. */
import type { KeyObject } from 'node:crypto'
import { importKey, KEY_BYTES, open, openBytes } from '../../crypto/aead.ts'
import { TamperedError, TransferSealError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { Slices } from '../../transaction/slices.ts'
import type { LongWork } from '../../types/collection.ts'
import { decodeUtf8 } from '../container.ts'
import type { OpenedCollection, OpenedRow, SchemaRow } from '../partition.ts'
import { parseUntrustedObject, type JsonObject } from '../untrusted-json.ts'
import type { PartitionBody, SealedRow } from './parse.ts'

/** `onProgress` counts records. @throws TransferSealError, TamperedError, BundleIntegrityError */
export async function openBody1(
  body: PartitionBody,
  transferKey: KeyObject,
  work: LongWork,
): Promise<OpenedCollection[]> {
  const keys = openSeal(transferKey, body)
  const total = [...body.collections.values()].reduce((sum, rows) => sum + rows.length, 0)
  const slices = new Slices(work, total)
  const opened: OpenedCollection[] = []
  let done = 0
  for (const [name, sealed] of body.collections) {
    const key = keyOf(keys, name)
    const rows: OpenedRow[] = []
    for (const row of sealed) {
      rows.push({ id: row.id, clear: row.clear, body: openRow(key, name, row) })
      done += 1
      if (slices.due()) await slices.pause(done)
    }
    opened.push({ name, rows, schema: openSchema(key, name, body.schemas) })
  }
  return opened
}

function openSchema(key: KeyObject, collection: string, schemas: readonly SealedRow[]): SchemaRow | null {
  const row = schemas.find(({ id }) => id === collection)
  return row === undefined ? null : { clear: row.clear, body: openRow(key, '_schemas', row) }
}

function openRow(key: KeyObject, collection: string, row: SealedRow): JsonObject {
  const what = `The record ${collection}/${row.id}`
  const text = decodeUtf8(openBytesOf(key, what, row), what)
  return parseUntrustedObject(text, what, limits.recordDepth)
}

function openBytesOf(key: KeyObject, what: string, { iv, data }: SealedRow): Buffer {
  try {
    return open(key, { iv, data })
  } catch (cause) {
    throw Object.assign(new TamperedError(`${what} does not open with its key.`), { cause })
  }
}

/** The data key of every collection of the body. @throws TransferSealError */
function openSeal(transferKey: KeyObject, body: PartitionBody): ReadonlyMap<string, KeyObject> {
  const sealed = readSealedKeys(openSealPayload(transferKey, body.sealPayload))
  return new Map([...body.collections.keys()].map((name) => [name, importKey(keyOf(sealed, name))]))
}

function readSealedKeys(members: JsonObject): ReadonlyMap<string, Buffer> {
  const keys = Object.entries(members).map(([collection, text]): [string, Buffer] => {
    const raw = Buffer.from(typeof text === 'string' ? text : '', 'base64')
    if (raw.length === KEY_BYTES) return [collection, raw]
    throw new TransferSealError(`The seal holds a broken key for "${collection}".`)
  })
  return new Map(keys)
}

function openSealPayload(transferKey: KeyObject, payload: string): JsonObject {
  try {
    const text = openBytes(transferKey, Buffer.from(payload, 'base64')).toString('utf8')
    return parseUntrustedObject(text, 'The seal', 1)
  } catch (cause) {
    throw Object.assign(new TransferSealError('The transfer key does not open this bundle.'), { cause })
  }
}

function keyOf<K>(keys: ReadonlyMap<string, K>, collection: string): K {
  const key = keys.get(collection)
  if (key === undefined) throw new TransferSealError(`The seal holds no key for "${collection}".`)
  return key
}
