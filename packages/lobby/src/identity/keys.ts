/** Ed25519 keys in the forms that are stored and shown. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'

const RAW_KEY_BYTES = 32
const SIGNATURE_BYTES = 64
/** Everything before the raw bytes in the SPKI form of an Ed25519 key (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

export interface KeyPair {
  readonly publicKey: string
  readonly privateKey: string
}

export function newKeyPair(): KeyPair {
  const pair = generateKeyPairSync('ed25519')
  const spki = pair.publicKey.export({ format: 'der', type: 'spki' })
  return {
    publicKey: spki.subarray(SPKI_PREFIX.length).toString('base64'),
    privateKey: pair.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  }
}

/** First 16 hex digits of SHA-256 of the raw key, in groups of four. */
export function fingerprintOf(publicKey: string): string {
  const digest = createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex')
  return digest.slice(0, 16).replaceAll(/(.{4})(?=.)/g, '$1 ')
}

export function signText(text: string, privateKey: string): string {
  const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' })
  return sign(null, Buffer.from(text, 'utf8'), key).toString('base64')
}

/** False for a signature or key that is no such thing, too. */
export function isSignedBy(text: string, signature: string, publicKey: string): boolean {
  const raw = Buffer.from(publicKey, 'base64')
  const signed = Buffer.from(signature, 'base64')
  if (raw.length !== RAW_KEY_BYTES || signed.length !== SIGNATURE_BYTES) return false
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' })
  return verify(null, Buffer.from(text, 'utf8'), key, signed)
}
