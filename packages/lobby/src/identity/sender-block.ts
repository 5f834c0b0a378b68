/**
 * The sender block of a container manifest (decision 13). What is signed is the UTF-8 text
 *   `noydb-exchange-1\n` + canonical JSON of { inner, manifest }
 * with `manifest` the whole manifest without `sender.signature`, and `inner` the SHA-256 (hex) of each compartment's
 * bytes in manifest order, taken from the bytes and not from the manifest.
 */
import { z } from 'zod'
import type { MultiBundleManifest } from '../bundle/types.ts'
import { canonicalJson, sha256 } from '../canonical-json.ts'
import { BundleInvalidError, LobbyError } from '../errors.ts'
import { isSignedBy, signText } from './keys.ts'
import { BodyFormats, Name, PublicKey, READ_BODY_FORMATS, Signature, Taken } from './shapes.ts'
import type { StoredIdentity } from './stored.ts'
import type { SenderBlock } from './types.ts'

const DOMAIN = 'noydb-exchange-1\n'

const SenderBlockShape = z.object({
  party: Name,
  publicKey: PublicKey,
  exchangeId: Name,
  sequence: z.int().min(1),
  previous: Name.nullable(),
  answers: Name.optional(),
  taken: Taken,
  counts: z.object({ records: z.int().min(0), compartments: z.int().min(0) }),
  createdAt: z.iso.datetime(),
  encryptionKey: PublicKey.optional(),
  bodyFormats: BodyFormats.optional(),
  signature: Signature,
})

export type UnsignedSender = Omit<
  SenderBlock,
  'party' | 'publicKey' | 'encryptionKey' | 'bodyFormats' | 'signature'
>

export function signManifest(
  manifest: Omit<MultiBundleManifest, 'sender'>,
  sender: UnsignedSender,
  inner: readonly Uint8Array[],
  identity: StoredIdentity,
): MultiBundleManifest {
  const { party, publicKey, encryptionKey } = identity
  const block = { party, publicKey, ...sender, encryptionKey, bodyFormats: READ_BODY_FORMATS }
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
