/** Stored rows from FORMAT.md alone: envelopes, wrapped keys, canary and keyring file. */
import { hkdfSync } from 'node:crypto'
import { hashRaw } from '@node-rs/argon2'
import { sealWith } from './seal.ts'

export interface Clear {
  readonly _v: number
  readonly _ts: string
  readonly _by?: string
  readonly _source?: string
  readonly _sourceTs?: string
}

export interface EnvelopeInput {
  readonly vaultUlid: string
  readonly collection: string
  readonly id: string
  readonly clear: Clear
  readonly key: Uint8Array
  readonly iv: Uint8Array
  readonly text: string
}

export function associatedData({ vaultUlid, collection, id, clear }: EnvelopeInput): string {
  const { _v, _ts, _by = null, _source = null, _sourceTs = null } = clear
  return JSON.stringify([vaultUlid, collection, id, _v, _ts, _by, _source, _sourceTs])
}

export function envelopeOf(input: EnvelopeInput): Record<string, unknown> {
  const { iv, data } = apart(sealWith(input.key, input.iv, input.text, associatedData(input)))
  return { _noydb: 1, ...input.clear, _iv: iv, _data: data, _aad: 1 }
}

export function apart(sealed: Buffer): { iv: string; data: string } {
  return { iv: sealed.toString('base64', 0, 12), data: sealed.toString('base64', 12) }
}

export interface Kdf {
  readonly memoryKiB: number
  readonly passes: number
  readonly parallelism: number
}

export async function masterKey(secret: string, salt: string, kdf: Kdf): Promise<Buffer> {
  return hashRaw(secret, {
    salt: Buffer.from(salt, 'base64'),
    memoryCost: kdf.memoryKiB,
    timeCost: kdf.passes,
    parallelism: kdf.parallelism,
    outputLen: 32,
  })
}

export function derived(master: Uint8Array, salt: string, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, salt, info, 32))
}

/** Base64 of sealed bytes, bound to `[scope, purpose]`: a wrapped key, or the canary. */
export function bound(
  key: Uint8Array,
  iv: Uint8Array,
  plain: Uint8Array | string,
  scope: string,
  purpose: string,
): string {
  return sealWith(key, iv, plain, JSON.stringify([scope, purpose])).toString('base64')
}
