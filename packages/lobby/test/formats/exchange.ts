/** Containers of several vaults, and keys on their way, from docs/bundle-format.md alone: shares no code with the package. */
import {
  createCipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  sign,
  type KeyObject,
} from 'node:crypto'
import { hashRaw } from '@node-rs/argon2'

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
type Members = Record<string, Json>

export const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
export const digest = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

/** Section 5. */
export function container(manifest: Members, inner: readonly Uint8Array[]): Buffer {
  const text = Buffer.from(JSON.stringify(manifest))
  const prefix = Buffer.from('4e44424d010000000000', 'hex')
  prefix.writeUInt32BE(text.length, 6)
  return Buffer.concat([prefix, text, ...inner])
}

export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const names = Object.keys(value).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name] ?? null)}`).join(',')}}`
}

const prefixes = {
  ed25519: ['302e020100300506032b657004220420', '302a300506032b6570032100'],
  x25519: ['302e020100300506032b656e04220420', '302a300506032b656e032100'],
} as const
type Curve = keyof typeof prefixes

function privateKey(curve: Curve, seed: Uint8Array): KeyObject {
  const key = Buffer.concat([hex(prefixes[curve][0]), seed])
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

export function publicBytes(curve: Curve, seed: Uint8Array): Buffer {
  return createPublicKey(privateKey(curve, seed)).export({ format: 'der', type: 'spki' }).subarray(-32)
}

/** Base64 of the Ed25519 signature over a text. */
export function signed(seed: Uint8Array, text: string): string {
  return base64(sign(null, Buffer.from(text), privateKey('ed25519', seed)))
}

/** The block with its signature; section 5.1. */
export function senderBlock(
  seed: Uint8Array,
  manifest: Members,
  block: Members,
  inner: readonly Uint8Array[],
): Members & { signature: string } {
  const text = canonical({
    manifest: { ...manifest, sender: block },
    inner: inner.map((bytes) => digest(bytes)),
  })
  return { ...block, signature: signed(seed, `noydb-exchange-1\n${text}`) }
}

/** Section 5.2. */
export function card(seed: Uint8Array, members: Members): Members {
  return { ...members, signature: signed(seed, `noydb-card-1\n${canonical(members)}`) }
}

/** Section 6.1. */
export function keyFile(members: Members): string {
  return file({ ...members, checksum: digest(canonical(members)) })
}

export function file(members: Members): string {
  return `${JSON.stringify(members, null, 2)}\n`
}

function sealed(key: Uint8Array, iv: Uint8Array, text: string, associated: string): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(Buffer.from(associated))
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

const powers = [
  1, 2, 4, 8, 16, 5, 10, 20, 13, 26, 17, 7, 14, 28, 29, 31, 27, 19, 3, 6, 12, 24, 21, 15, 30, 25, 23, 11, 22,
  9, 18,
]

function times(left: number, right: number): number {
  if (left === 0 || right === 0) return 0
  return powers[(powers.indexOf(left) + powers.indexOf(right)) % 31] ?? 0
}

/** Section 6.2. */
export function keyText(handle: string, key: Uint8Array): string {
  const tag = hex(digest(`noydb key text 1\n${handle}`)).subarray(0, 3)
  let number = BigInt(`0x${Buffer.concat([key, tag]).toString('hex')}`)
  const digits: number[] = []
  for (let at = 0; at < 56; at += 1) {
    digits.unshift(Number(number % 32n))
    number /= 32n
  }
  const groups = Array.from({ length: 14 }, (_, at) => {
    const data = digits.slice(at * 4, at * 4 + 4)
    const check = data.reduce((sum, digit, place) => sum ^ times(digit, powers[place + 1] ?? 0), at + 1)
    return [...data, check].map((digit) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.charAt(digit)).join('')
  })
  return `${groups.slice(0, 7).join(' ')}\n${groups.slice(7).join(' ')}`
}

export interface Kdf {
  readonly memoryKiB: number
  readonly passes: number
  readonly parallelism: number
}

/** Section 6.3. */
export async function wrapped(
  outside: Members & { kdf: Members & Kdf; salt: string },
  passphrase: string,
  iv: Uint8Array,
  text: string,
): Promise<string> {
  const { kdf, salt } = outside
  const costs = { memoryCost: kdf.memoryKiB, timeCost: kdf.passes, parallelism: kdf.parallelism }
  const key = await hashRaw(passphrase, { salt: Buffer.from(salt, 'base64'), ...costs, outputLen: 32 })
  return file({
    ...outside,
    sealed: base64(sealed(key, iv, text, `noydb wrapped keys 1\n${canonical(outside)}`)),
  })
}

export interface Box {
  readonly outside: Members & { to: string }
  readonly signature: string
  readonly senderSeed: Uint8Array
  readonly iv: Uint8Array
  readonly text: string
}

/** Section 6.4. */
export function sealedTo({ outside, signature, senderSeed, iv, text }: Box): string {
  const recipient = Buffer.from(outside.to, 'base64')
  const sender = publicBytes('x25519', senderSeed)
  const key = createPublicKey({
    key: Buffer.concat([hex(prefixes.x25519[1]), recipient]),
    format: 'der',
    type: 'spki',
  })
  const shared = diffieHellman({ privateKey: privateKey('x25519', senderSeed), publicKey: key })
  const boxKey = Buffer.from(
    hkdfSync('sha256', shared, Buffer.concat([sender, recipient]), 'noydb key box v1', 32),
  )
  const associated = `noydb sealed keys 1\n${canonical({ ...outside, signature })}`
  return file({ ...outside, box: base64(Buffer.concat([sender, sealed(boxKey, iv, text, associated)])) })
}
