/**
 * Ed25519 signatures and X25519 boxes over node:crypto, both kinds of key as 32 raw bytes: a seed is an
 * ordinary secret KeyObject, which is wrapped like a data key; a public key is base64 text.
 */
import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  hkdfSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'
import { DecryptionError } from '../errors.ts'
import { KEY_BYTES, newKey, openBytes, sealBytes } from './aead.ts'

type Curve = 'ed25519' | 'x25519'

/** Everything before the raw bytes in the PKCS #8 and SPKI forms (RFC 8410). */
const PREFIX: Record<Curve, { readonly secret: Buffer; readonly public: Buffer }> = {
  ed25519: {
    secret: Buffer.from('302e020100300506032b657004220420', 'hex'),
    public: Buffer.from('302a300506032b6570032100', 'hex'),
  },
  x25519: {
    secret: Buffer.from('302e020100300506032b656e04220420', 'hex'),
    public: Buffer.from('302a300506032b656e032100', 'hex'),
  },
}

/** Base64 of the raw public key that belongs to a seed. */
export function publicKeyOf(curve: Curve, seed: KeyObject): string {
  const spki = createPublicKey(privateKey(curve, seed)).export({ format: 'der', type: 'spki' })
  return spki.subarray(PREFIX[curve].public.length).toString('base64')
}

export function signText(seed: KeyObject, text: string): string {
  return sign(null, Buffer.from(text), privateKey('ed25519', seed)).toString('base64')
}

/** False, too, for a signature or a key that is no such thing. */
export function isSignedBy(key: string, text: string, signature: string): boolean {
  const raw = Buffer.from(key, 'base64')
  if (raw.length !== KEY_BYTES) return false
  return verify(null, Buffer.from(text), publicKey('ed25519', raw), Buffer.from(signature, 'base64'))
}

/** Readable only with the seed behind `recipient`; says nothing about who made it. Base64. */
export function sealBox(recipient: string, plaintext: string, context: string): string {
  const seed = newKey()
  const sender = Buffer.from(publicKeyOf('x25519', seed), 'base64')
  const key = boxKey(seed, Buffer.from(recipient, 'base64'), sender, Buffer.from(recipient, 'base64'))
  return Buffer.concat([sender, sealBytes(key, plaintext, Buffer.from(context))]).toString('base64')
}

/** @throws DecryptionError when it was made for somebody else, for another context, or is damaged */
export function openBox(seed: KeyObject, box: string, context: string): string {
  const bytes = Buffer.from(box, 'base64')
  const sender = bytes.subarray(0, KEY_BYTES)
  if (sender.length !== KEY_BYTES) throw new DecryptionError()
  const key = boxKey(seed, sender, sender, Buffer.from(publicKeyOf('x25519', seed), 'base64'))
  return openBytes(key, bytes.subarray(KEY_BYTES), Buffer.from(context)).toString('utf8')
}

function boxKey(seed: KeyObject, other: Buffer, sender: Buffer, recipient: Buffer): KeyObject {
  const shared = agree(seed, other)
  const salt = Buffer.concat([sender, recipient])
  return createSecretKey(Buffer.from(hkdfSync('sha256', shared, salt, 'noydb key box v1', KEY_BYTES)))
}

function agree(seed: KeyObject, other: Buffer): Buffer {
  try {
    return diffieHellman({ privateKey: privateKey('x25519', seed), publicKey: publicKey('x25519', other) })
  } catch (cause) {
    // A point of low order, which no honest sender has.
    throw Object.assign(new DecryptionError(), { cause })
  }
}

function privateKey(curve: Curve, seed: KeyObject): KeyObject {
  return createPrivateKey({
    key: Buffer.concat([PREFIX[curve].secret, seed.export()]),
    format: 'der',
    type: 'pkcs8',
  })
}

function publicKey(curve: Curve, raw: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([PREFIX[curve].public, raw]), format: 'der', type: 'spki' })
}
