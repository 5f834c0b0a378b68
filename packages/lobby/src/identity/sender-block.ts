/**
 * The sender block of a container manifest (decision 13). What is signed is the UTF-8 text
 *   `noydb-exchange-1\n` + canonical JSON of { inner, manifest }
 * with `manifest` the whole manifest without `sender.signature`, and `inner` the SHA-256 (hex) of each compartment's
 * bytes in manifest order, taken from the bytes and not from the manifest.
 */
import { z } from 'zod'
import { limits } from '@noy-db/hub'
import type { MultiBundleManifest } from '../bundle/types.ts'
import { canonicalJson, sha256 } from '../canonical-json.ts'
import { BundleInvalidError, LobbyError } from '../errors.ts'
import { isSignedBy, signText } from './keys.ts'
import type { StoredIdentity } from './stored.ts'
import type { SenderBlock } from './types.ts'

const DOMAIN = 'noydb-exchange-1\n'

const Name = z.string().min(1).max(limits.nameBytes)
const SenderBlockShape = z.object({
  party: Name,
  publicKey: z.base64().length(44),
  exchangeId: Name,
  sequence: z.int().min(1),
  previous: Name.nullable(),
  answers: Name.optional(),
  counts: z.object({ records: z.int().min(0), compartments: z.int().min(0) }),
  createdAt: z.iso.datetime(),
  signature: z.base64().length(88).refine(isCanonicalBase64),
})

/** The last characters of base64 have spare bits: two texts, one signature. Only one of them is taken. */
function isCanonicalBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text
}

export type UnsignedSender = Omit<SenderBlock, 'party' | 'publicKey' | 'signature'>

export function signManifest(
  manifest: Omit<MultiBundleManifest, 'sender'>,
  sender: UnsignedSender,
  inner: readonly Uint8Array[],
  identity: StoredIdentity,
): MultiBundleManifest {
  const block = { party: identity.party, publicKey: identity.publicKey, ...sender }
  const signature = signText(signedText(manifest, block, inner), identity.privateKey)
  return { ...manifest, sender: { ...block, signature } }
}

function signedText(
  manifest: Omit<MultiBundleManifest, 'sender'>,
  sender: Omit<SenderBlock, 'signature'>,
  inner: readonly Uint8Array[],
): string {
  return DOMAIN + canonicalJson({ manifest: { ...manifest, sender }, inner: inner.map(sha256) })
}

/**
 * Null where the manifest has no sender block.
 * @throws BundleInvalidError when the block is malformed, LobbyError `SIGNATURE_INVALID` when it was not signed so.
 */
export function verifySender(
  manifest: MultiBundleManifest | null,
  inner: readonly Uint8Array[],
): SenderBlock | null {
  if (manifest?.sender === undefined) return null
  const parsed = SenderBlockShape.safeParse(manifest.sender)
  if (!parsed.success) throw new BundleInvalidError('The sender block is malformed.')
  // The text is made from the block as it came, so that a member we do not know is covered too.
  const { sender, ...rest } = manifest
  const { signature, ...block } = sender
  if (!isSignedBy(signedText(rest, block, inner), signature, block.publicKey)) {
    throw new LobbyError('SIGNATURE_INVALID', `The signature of ${block.party} does not match this bundle.`)
  }
  return sender
}
