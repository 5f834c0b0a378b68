/** A second implementation of docs/receipt-format.md, written from that page: nothing of `src` is used. */
import { webcrypto } from 'node:crypto'

const HEAD = '{"payload":'
const TAIL = /,"signature":\{"algorithm":"ed25519","value":"([A-Za-z0-9+/]{86}==)"\}\}\n$/

export interface TakenApart {
  readonly payload: string
  readonly signature: string
}

export function takeApart(file: string): TakenApart {
  const tail = TAIL.exec(file)
  if (!file.startsWith(HEAD) || tail === null) throw new Error('no receipt')
  return { payload: file.slice(HEAD.length, tail.index), signature: tail[1] ?? '' }
}

export async function isSigned({ payload, signature }: TakenApart): Promise<boolean> {
  const { signer } = JSON.parse(payload) as { signer: { publicKey: string } } // a test's own file
  const key = await webcrypto.subtle.importKey('raw', fromBase64(signer.publicKey), 'Ed25519', false, [
    'verify',
  ])
  return webcrypto.subtle.verify('Ed25519', key, fromBase64(signature), await signedBytes(payload))
}

/** `privateKey`: PKCS #8, base64. */
export async function sign(payload: string, privateKey: string): Promise<string> {
  const key = await webcrypto.subtle.importKey('pkcs8', fromBase64(privateKey), 'Ed25519', false, ['sign'])
  const signature = await webcrypto.subtle.sign('Ed25519', key, await signedBytes(payload))
  return `${HEAD}${payload},"signature":{"algorithm":"ed25519","value":"${Buffer.from(signature).toString('base64')}"}}\n`
}

/** Names sorted, nothing between tokens; numbers and texts as JavaScript writes them. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`
}

export async function hashOf(body: unknown): Promise<string> {
  return hex(await webcrypto.subtle.digest('SHA-256', Buffer.from(canonical(body))))
}

async function signedBytes(payload: string): Promise<Buffer<ArrayBuffer>> {
  const digest = await webcrypto.subtle.digest('SHA-256', Buffer.from(payload))
  return Buffer.from(`lobby-receipt-1\n${hex(digest)}`)
}

function hex(bytes: ArrayBuffer): string {
  return Buffer.from(bytes).toString('hex')
}

function fromBase64(text: string): Buffer<ArrayBuffer> {
  return Buffer.from(text, 'base64')
}
