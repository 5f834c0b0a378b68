/**
 * A key file sealed to the recipient's X25519 key by a key made for this one file, and bound to the signed manifest of the
 * container: whoever holds both files and not the recipient's workspace learns nothing. docs/bundle-format.md, section 6.4.
 */
import { z } from 'zod'
import { ValidationError, type NoydbApi } from '@noy-db/hub'
import { importKey, openBox, sealBox } from '@noy-db/hub/sealing'
import { canonicalJson } from '../canonical-json.ts'
import { LobbyError } from '../errors.ts'
import { loadIdentity } from '../identity/own-identity.ts'
import { PublicKey } from '../identity/shapes.ts'
import { verifyContainer } from '../import/open-import.ts'
import { openState } from '../state.ts'
import { decodeDelivery, isDelivery } from '../surfaces/delivery.ts'
import { decodeKeyFile, encodeKeyFile, type KeyFile, type KeyFileInput } from './key-file.ts'
import { Name, parseKeyJson, SEALED_KEY_FILE_CHARS, Sha256 } from './key-shape.ts'

const DOMAIN = 'noydb sealed keys 1\n'

const SealedShape = z.strictObject({
  noydbSealedKeys: z.literal(1),
  exchangeId: Name,
  containerSha256: Sha256,
  to: PublicKey,
  box: z.base64().max(SEALED_KEY_FILE_CHARS),
})
type SealedKeys = z.infer<typeof SealedShape>

/**
 * `to` is the recipient's encryption key; `knownRecipient` has it, with the fingerprint to compare.
 * @throws ValidationError for a container that is not signed, or of another exchange; BundleInvalidError
 */
export function sealKeys(input: KeyFileInput, to: string): string {
  const container = signedContainer(input.container)
  if (container.exchangeId !== input.exchangeId)
    throw new ValidationError('Keys are sealed for a bundle that was signed for this exchange.')
  if (!PublicKey.safeParse(to).success) throw new ValidationError('This is no encryption key.')
  const outside = {
    noydbSealedKeys: 1 as const,
    exchangeId: input.exchangeId,
    containerSha256: container.sha256,
    to,
  }
  const box = sealBox(to, encodeKeyFile(input), contextOf(outside, container))
  return `${JSON.stringify({ ...outside, box }, null, 2)}\n`
}

interface SignedContainer {
  readonly sha256: string
  /** Null where it is not signed. */
  readonly exchangeId: string | null
  readonly signature: string | null
}

/** A bundle by its sender block, a delivery under an agreement by its note. */
function signedContainer(bytes: Uint8Array): SignedContainer {
  if (isDelivery(bytes)) {
    const { sha256, note } = decodeDelivery('keys', bytes)
    return { sha256, exchangeId: note.exchangeId, signature: note.signature }
  }
  const { sha256, sender } = verifyContainer(bytes)
  return { sha256, exchangeId: sender?.exchangeId ?? null, signature: sender?.signature ?? null }
}

function contextOf(outside: Omit<SealedKeys, 'box'>, { signature }: SignedContainer): string {
  return DOMAIN + canonicalJson({ ...outside, signature })
}

/**
 * @throws LobbyError `KEY_INVALID`, `KEY_OF_OTHER_BUNDLE`, `KEY_FOR_OTHERS` where it was sealed to another office, and what
 * a damaged container throws
 */
export async function unsealKeys(
  db: NoydbApi,
  file: Uint8Array | string,
  container: Uint8Array,
): Promise<KeyFile> {
  const parsed = SealedShape.safeParse(parseKeyJson(file))
  if (!parsed.success) throw new LobbyError('KEY_INVALID', 'This is not a key file, or not all of it.')
  const { box, ...outside } = parsed.data
  const verified = signedContainer(container)
  const isOfThis = verified.sha256 === outside.containerSha256 && verified.exchangeId === outside.exchangeId
  if (!isOfThis) throw new LobbyError('KEY_OF_OTHER_BUNDLE', 'These keys belong to another bundle.')
  const { encryptionKey, encryptionSeed } = await loadIdentity(await openState(db))
  if (outside.to !== encryptionKey)
    throw new LobbyError('KEY_FOR_OTHERS', 'These keys were sealed to another office, or another workspace.')
  const seed = importKey(Buffer.from(encryptionSeed, 'base64'))
  return decodeKeyFile(openOrRefuse(() => openBox(seed, box, contextOf(outside, verified))))
}

function openOrRefuse(open: () => string): string {
  try {
    return open()
  } catch (cause) {
    throw new LobbyError('KEY_INVALID', 'The key file was altered.', { cause })
  }
}
