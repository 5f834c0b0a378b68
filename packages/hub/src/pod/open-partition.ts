/**
 * From the bytes of an extracted partition to its records, whichever body format it has. Nothing is given back
 * before everything was opened: TransferSealError = the key, or a collection without one; TamperedError = a
 * ciphertext that does not belong here; BundleIntegrityError = anything else that is wrong with the bytes.
 */
import type { KeyObject } from 'node:crypto'
import { importKey, KEY_BYTES } from '../crypto/aead.ts'
import { BundleIntegrityError, TransferSealError, ValidationError } from '../errors.ts'
import { limits } from '../limits.ts'
import { withoutProgress } from '../transaction/prepare.ts'
import type { DecryptPartitionOptions, NoydbBundleHeader } from '../types/bundle.ts'
import type { LongWork } from '../types/collection.ts'
import { openBody1 } from './body-1/open.ts'
import { parsePartitionBody } from './body-1/parse.ts'
import { isBody2, readHead } from './body-2/head.ts'
import { openBody2 } from './body-2/read.ts'
import { expand } from './compression.ts'
import { decodeUtf8, readContainerHead, verifiedBody, type ContainerParts } from './container.ts'
import type { OpenedCollection, OpenedPartition } from './partition.ts'

/** @throws TransferSealError unless it is 32 bytes */
export function importTransferKey(transferKey: Uint8Array): KeyObject {
  if (!(transferKey instanceof Uint8Array) || transferKey.length !== KEY_BYTES) {
    throw new TransferSealError(`A transfer key has ${KEY_BYTES} bytes.`)
  }
  return importKey(transferKey)
}

/** @throws ValidationError for a bundle of another kind, else as above */
export async function openPartition(
  bundleBytes: Uint8Array,
  transferKey: Uint8Array,
  options: DecryptPartitionOptions,
): Promise<OpenedPartition> {
  const key = importTransferKey(transferKey)
  const head = readContainerHead(bundleBytes)
  if (head.header.bundleKind !== 'extracted-partition')
    throw new ValidationError('This bundle is no extracted partition.')
  const body = await verifiedBody(bundleBytes, head, withoutProgress(options))
  const maxExpandedBytes = Math.min(options.maxExpandedBytes ?? Infinity, limits.bundleExpandedBytes)
  const opened = { ...options, maxExpandedBytes }
  const collections = isBody2(body)
    ? await openFormat2(head.header, body, key, opened)
    : await openFormat1(head, body, key, opened)
  return { sealId: head.header.transferSeal?.sealId ?? '', collections }
}

type OpenOptions = DecryptPartitionOptions & LongWork & { maxExpandedBytes: number }

async function openFormat1(
  { header, compression }: ContainerParts,
  body: Uint8Array,
  key: KeyObject,
  options: OpenOptions,
): Promise<OpenedCollection[]> {
  // Not even an absent binding is taken for the right one: this format has none.
  assertExchange(options.exchangeId, null)
  const plain = await expand(body, compression, options.maxExpandedBytes)
  options.signal?.throwIfAborted()
  const parsed = await parsePartitionBody(decodeUtf8(plain, 'The body'), withoutProgress(options))
  assertBelonging(header, { sealId: parsed.seal.sealId, handle: parsed.handle })
  return openBody1(parsed, key, options)
}

async function openFormat2(
  header: NoydbBundleHeader,
  body: Uint8Array,
  key: KeyObject,
  options: OpenOptions,
): Promise<OpenedCollection[]> {
  const head = readHead(body)
  assertBelonging(header, head)
  assertExchange(options.exchangeId, head.exchangeId)
  return openBody2(body, key, options)
}

function assertExchange(wanted: string | undefined, stated: string | null): void {
  if (wanted !== undefined && wanted !== stated)
    throw new BundleIntegrityError('The bundle was not made for this exchange.')
}

/** Header and body state the same seal and the same handle, so neither can be exchanged. Other writers leave the handle out. */
function assertBelonging(
  { transferSeal, handle }: NoydbBundleHeader,
  body: { readonly sealId: string; readonly handle: string | undefined },
): void {
  if (transferSeal?.sealId !== body.sealId) throw new BundleIntegrityError('Header and body name two seals.')
  if (body.handle !== undefined && body.handle !== handle)
    throw new BundleIntegrityError('Header and body name two handles.')
}
