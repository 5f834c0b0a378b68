/**
 * Reading an extracted partition without any vault. Nothing is given back before everything was opened:
 * TransferSealError = the key, or a collection without one; BundleIntegrityError = container, body or a
 * record's JSON; TamperedError = a record's ciphertext does not belong to its key.
 */
import type { KeyObject } from 'node:crypto'
import { importKey, KEY_BYTES, open, openBytes } from '../crypto/aead.ts'
import { BundleIntegrityError, TamperedError, TransferSealError, ValidationError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { DecryptedRecord, NoydbBundleHeader } from '../types/bundle.ts'
import type { LongWork } from '../types/collection.ts'
import { withoutProgress } from '../transaction/prepare.ts'
import { Slices } from '../transaction/slices.ts'
import { parsePartitionBody, type PartitionBody, type SealedRow } from './body-format.ts'
import { decodeUtf8 } from './container.ts'
import { readNoydbBundle } from './read-bundle.ts'
import { parseUntrustedObject, type JsonObject } from './untrusted-json.ts'

/** Collections in bundle order. `onProgress` counts records. */
export async function decryptExtractedPartition(
  bundleBytes: Uint8Array,
  transferKey: Uint8Array,
  work: LongWork = {},
): Promise<Record<string, DecryptedRecord[]>> {
  const sealKey = importTransferKey(transferKey)
  const body = await readPartitionBody(bundleBytes, work)
  const keys = openSeal(sealKey, body)
  const total = [...body.collections.values()].reduce((sum, rows) => sum + rows.length, 0)
  const slices = new Slices(work, total)
  const opened: Array<[collection: string, records: DecryptedRecord[]]> = []
  let done = 0
  for (const [collection, rows] of body.collections) {
    const key = keyOf(keys, collection)
    const records: DecryptedRecord[] = []
    for (const row of rows) {
      records.push(openRecord(key, collection, row))
      done += 1
      if (slices.due()) await slices.pause(done)
    }
    opened.push([collection, records])
  }
  return Object.fromEntries(opened)
}

function importTransferKey(transferKey: Uint8Array): KeyObject {
  if (!(transferKey instanceof Uint8Array) || transferKey.length !== KEY_BYTES) {
    throw new TransferSealError(`A transfer key has ${KEY_BYTES} bytes.`)
  }
  return importKey(transferKey)
}

/** @throws ValidationError for a bundle of another kind, BundleIntegrityError for anything damaged */
async function readPartitionBody(bundleBytes: Uint8Array, work: LongWork = {}): Promise<PartitionBody> {
  const stop = withoutProgress(work)
  const { header, dumpJson } = await readNoydbBundle(bundleBytes, stop)
  if (header.bundleKind !== 'extracted-partition') {
    throw new ValidationError('This bundle is no extracted partition.')
  }
  const body = await parsePartitionBody(dumpJson, stop)
  checkBelonging(header, body)
  return body
}

/** Header and body state the same seal and the same handle, so neither can be exchanged. */
function checkBelonging({ transferSeal, handle }: NoydbBundleHeader, body: PartitionBody): void {
  if (transferSeal?.sealId !== body.seal.sealId)
    throw new BundleIntegrityError('Header and body name two seals.')
  if (body.handle !== undefined && body.handle !== handle) {
    throw new BundleIntegrityError('Header and body name two handles.')
  }
}

/** The data key of every collection of the body. @throws TransferSealError */
function openSeal(sealKey: KeyObject, body: PartitionBody): ReadonlyMap<string, KeyObject> {
  const sealed = readSealedKeys(sealKey, body.sealPayload)
  const keys = new Map<string, KeyObject>()
  for (const collection of body.collections.keys()) {
    const raw = sealed.get(collection)
    if (raw === undefined) throw new TransferSealError(`The seal holds no key for "${collection}".`)
    keys.set(collection, importKey(raw))
  }
  return keys
}

function readSealedKeys(sealKey: KeyObject, payload: string): ReadonlyMap<string, Buffer> {
  const keys = Object.entries(openSealPayload(sealKey, payload)).map(
    ([collection, text]): [string, Buffer] => {
      const raw = Buffer.from(typeof text === 'string' ? text : '', 'base64')
      if (raw.length !== KEY_BYTES)
        throw new TransferSealError(`The seal holds a broken key for "${collection}".`)
      return [collection, raw]
    },
  )
  return new Map(keys)
}

function openSealPayload(sealKey: KeyObject, payload: string): JsonObject {
  try {
    const text = openBytes(sealKey, Buffer.from(payload, 'base64')).toString('utf8')
    return parseUntrustedObject(text, 'The seal', 1)
  } catch (cause) {
    throw Object.assign(new TransferSealError('The transfer key does not open this bundle.'), { cause })
  }
}

function keyOf(keys: ReadonlyMap<string, KeyObject>, collection: string): KeyObject {
  const key = keys.get(collection)
  if (key === undefined) throw new TransferSealError(`The seal holds no key for "${collection}".`)
  return key
}

function openRecord(key: KeyObject, collection: string, { id, envelope }: SealedRow): DecryptedRecord {
  const text = openText(key, collection, { id, envelope })
  const record = parseUntrustedObject(text, `The record ${collection}/${id}`, limits.recordDepth)
  const { _ts: ts, _v: version, _source: source, _sourceTs: sourceTs } = envelope
  return {
    id,
    record: { ...record, id },
    ts,
    version,
    ...(source !== undefined && { source }),
    ...(sourceTs !== undefined && { sourceTs }),
  }
}

function openText(key: KeyObject, collection: string, { id, envelope }: SealedRow): string {
  let bytes: Buffer
  try {
    bytes = open(key, { iv: envelope._iv, data: envelope._data })
  } catch (cause) {
    throw Object.assign(new TamperedError(`The record ${collection}/${id} does not open with its key.`), {
      cause,
    })
  }
  return decodeUtf8(bytes, `The record ${collection}/${id}`)
}
