/** Reading a container: the header alone, or the body as text. Nothing is decrypted here. */
import { limits } from '../limits.ts'
import type { LongWork } from '../types/collection.ts'
import type { NoydbBundleHeader, PublicEnvelope } from '../types/bundle.ts'
import { isBody2 } from './body-2/head.ts'
import { wrapperOfBody2 } from './body-2/wrapper.ts'
import { expand } from './compression.ts'
import { decodeUtf8, readContainerHead, verifiedBody } from './container.ts'

export interface ReadNoydbBundleOptions {
  /** Lower the cap on the expanded body; it is never raised above `limits.bundleExpandedBytes`. */
  maxExpandedBytes?: number
  signal?: AbortSignal
}

export interface ReadNoydbBundle {
  readonly header: NoydbBundleHeader
  readonly dumpJson: string
  readonly autoUnlock?: 'unsealed' | 'sealed'
}

/** Looks at nothing behind the header. @throws BundleIntegrityError */
export function readNoydbBundleHeader(bytes: Uint8Array): NoydbBundleHeader {
  return readContainerHead(bytes).header
}

/**
 * The body as text. One of format 2 is no text: `dumpJson` is then the wrapper of format 1 with the same members,
 * `_noydb_bundle_body: 2`, and the sealed bytes as base64.
 * @throws BundleIntegrityError unless length, hash, size and encoding of the body are as stated.
 */
export async function readNoydbBundle(
  bytes: Uint8Array,
  { maxExpandedBytes = Infinity, signal }: ReadNoydbBundleOptions = {},
): Promise<ReadNoydbBundle> {
  const head = readContainerHead(bytes)
  const work: LongWork = signal === undefined ? {} : { signal }
  const body = await verifiedBody(bytes, head, work)
  const plain = await expand(body, head.compression, Math.min(maxExpandedBytes, limits.bundleExpandedBytes))
  signal?.throwIfAborted()
  const { header } = head
  const sealed = header.bundleKind === 'extracted-partition' && isBody2(plain)
  const dumpJson = sealed ? wrapperOfBody2(plain) : decodeUtf8(plain, 'The body')
  return header.autoUnlock === undefined
    ? { header, dumpJson }
    : { header, dumpJson, autoUnlock: header.autoUnlock }
}

/**
 * What the owner chose to show without any key. With `locale`, names and descriptions are the text for it,
 * else for the default locale, else the first one.
 * @throws BundleIntegrityError
 */
export function readNoydbBundlePublicEnvelope(
  bytes: Uint8Array,
  { locale }: { locale?: string } = {},
): PublicEnvelope | undefined {
  const { publicEnvelope } = readNoydbBundleHeader(bytes)
  if (publicEnvelope === undefined || locale === undefined) return publicEnvelope
  const { name, description, ...rest } = publicEnvelope
  const order = [locale, ...(rest.defaultLocale === undefined ? [] : [rest.defaultLocale])]
  return {
    ...rest,
    ...(name !== undefined && { name: localised(name, order) }),
    ...(description !== undefined && { description: localised(description, order) }),
  }
}

function localised(text: string | Record<string, string>, order: readonly string[]): string {
  if (typeof text === 'string') return text
  const locale = order.find((one) => Object.hasOwn(text, one)) ?? Object.keys(text)[0]
  return locale === undefined ? '' : (text[locale] ?? '')
}
