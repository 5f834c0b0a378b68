/** Files that were written once are read for good: by a second reader made from docs/surfaces.md alone, and by ours. */
import {
  createDecipheriv,
  createHash,
  createPublicKey,
  createPrivateKey,
  hkdfSync,
  verify,
} from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decryptExtractedPartition } from '@noy-db/hub/bundle'
import { decodeSurfaceFile, encodeSurfaceFile, signAct, type SurfaceAct } from './act-file.ts'
import { stateOf } from './agreement-row.ts'
import { decodeDelivery } from './delivery.ts'
import { compareExchangeLogs, decodeExchangeLog, encodeExchangeLog } from './exchange-log.ts'
import { signedRow } from './issue.ts'
import { known, replay } from './replay.ts'
import { openGone } from './sealed-gone.ts'

interface Vectors {
  readonly seeds: Record<'firm' | 'client', string>
  readonly files: string[]
  readonly full: Packed
  readonly delta: Packed
  readonly receipt: string
  readonly logs: Record<'firm' | 'client', string>
}
interface Packed {
  readonly bytes: string
  readonly transferKey: string
}
type Json = Record<string, unknown>

const vectors = JSON.parse(readFileSync(join(import.meta.dirname, 'vectors/surface.json'), 'utf8')) as Vectors

/** Canonical JSON as the page says it. */
function canon(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canon).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return `{${members.map(([name, inner]) => `${JSON.stringify(name)}:${canon(inner)}`).join(',')}}`
}

const sha = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex')

function isSigned(text: string, signature: string, publicKey: string): boolean {
  const spki = Buffer.concat([
    Buffer.from('302a300506032b6570032100', 'hex'),
    Buffer.from(publicKey, 'base64'),
  ])
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
  return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'))
}

function signedPart(file: string, domain: string): { value: Json; text: string; signature: string } {
  const { signature, ...value } = JSON.parse(file) as Json & { signature: string }
  return { value, text: `${domain}\n${canon(value)}`, signature }
}

function parts({ bytes, transferKey }: Packed) {
  const all = Buffer.from(bytes, 'base64')
  const end = 10 + all.readUInt32BE(6)
  const manifest = JSON.parse(all.subarray(10, end).toString('utf8')) as Json & { surface: Json }
  return { manifest, inner: all.subarray(end), key: Buffer.from(transferKey, 'base64'), all }
}

const party = (value: Json, name: 'by' | 'from'): string => (value[name] as { publicKey: string }).publicKey

describe('as docs/surfaces.md says', () => {
  it('acts are signed, named by their hash, and chained', () => {
    const last = new Map<string, string>()
    for (const file of vectors.files) {
      const { value, text, signature } = signedPart(file, 'noydb-surface-1')
      expect(isSigned(text, signature, party(value, 'by'))).toBe(true)
      expect(value['previous']).toBe(last.get(party(value, 'by')) ?? null)
      expect(file).toBe(`${canon({ ...value, signature })}\n`)
      last.set(party(value, 'by'), sha(text))
    }
    const [asked, answer] = vectors.files.map((file) => signedPart(file, 'noydb-surface-1'))
    expect(answer?.value['answers']).toBe(sha(asked?.text ?? ''))
  })

  it('deliveries are signed over manifest and compartment, and bound to the terms', () => {
    const { terms } = JSON.parse(vectors.files[0] ?? '') as Json
    for (const packed of [vectors.full, vectors.delta]) {
      const { manifest, inner } = parts(packed)
      const { signature, ...surface } = manifest.surface
      const text = canon({ manifest: { ...manifest, surface }, inner: [sha(inner)] })
      expect(isSigned(`noydb-surface-delivery-1\n${text}`, String(signature), party(surface, 'from'))).toBe(
        true,
      )
      expect(surface).toMatchObject({ id: 'contacts', version: 1, terms: sha(canon(terms)) })
    }
    expect([
      parts(vectors.full).manifest.surface['base'],
      parts(vectors.delta).manifest.surface['base'],
    ]).toEqual([null, 1])
  })

  it('ids that are gone open with the transfer key', () => {
    const { manifest, key } = parts(vectors.delta)
    const exchangeId = String(manifest.surface['exchangeId'])
    const sealed = Buffer.from(String(manifest.surface['gone']), 'base64')
    const secret = Buffer.from(hkdfSync('sha256', key, exchangeId, 'noydb-surface-gone-1', 32))
    const opener = createDecipheriv('aes-256-gcm', secret, sealed.subarray(0, 12))
    opener.setAAD(Buffer.from(exchangeId)).setAuthTag(sealed.subarray(-16))
    const text = Buffer.concat([opener.update(sealed.subarray(12, -16)), opener.final()]).toString('utf8')
    expect(text).toBe('{"partners":["p2"]}')
  })

  it('receipts are signed; log lines are chained and say what was in the bundle', async () => {
    const receipt = signedPart(vectors.receipt, 'noydb-surface-receipt-1')
    expect(isSigned(receipt.text, receipt.signature, party(receipt.value, 'by'))).toBe(true)
    const { entries } = JSON.parse(vectors.logs.client) as { entries: Array<Json & { hash: string }> }
    for (const [at, { hash, ...entry }] of entries.entries()) {
      expect(hash).toBe(sha(canon(entry)))
      expect(entry['previous']).toBe(entries[at - 1]?.hash ?? null)
    }
    expect(receipt.value).toMatchObject({ sequence: 2, fullNeeded: false, log: entries[1]?.hash })
    const { inner, key } = parts(vectors.full)
    const { partners = [] } = await decryptExtractedPartition(inner, key)
    const lines = partners.map(({ id, record }) => `${canon([id, record])}\n`).join('')
    expect(entries[0]?.['collections']).toEqual({ partners: { records: 2, sha256: sha(lines) } })
  })
})

describe('our own code', () => {
  it('reads the acts, writes them byte by byte, and finds the same agreement', () => {
    const acts = vectors.files.map((file) => decodeSurfaceFile(file))
    expect(acts.map(resigned)).toEqual(vectors.files)
    const [firm] = acts
    const sides = {
      proposer: acts.filter(({ by }) => by.publicKey === firm?.by.publicKey).map(known),
      other: acts.filter(({ by }) => by.publicKey !== firm?.by.publicKey).map(known),
    }
    const row = signedRow('contacts', replay(sides), sides, null, 0)
    expect(row).toMatchObject({
      status: 'agreed',
      proposedBy: 'firm',
      agreedBy: 'client',
      cadenceMs: 604_800_000,
    })
    expect(stateOf(row)).toMatchObject({ version: 1, suspendedBy: [] })
  })

  it('opens the deliveries and reads the logs', async () => {
    const { note, inner } = decodeDelivery('contacts', parts(vectors.delta).all)
    const { key } = parts(vectors.delta)
    expect(await decryptExtractedPartition(inner, key, { exchangeId: note.exchangeId })).toEqual({})
    expect(openGone('contacts', note.gone ?? '', key, note.exchangeId)).toEqual({ partners: ['p2'] })
    const [ours, theirs] = [decodeExchangeLog(vectors.logs.firm), decodeExchangeLog(vectors.logs.client)]
    expect(compareExchangeLogs(ours, theirs)).toEqual({ agreed: 2, underway: 0, first: null })
    expect(encodeExchangeLog(ours)).toBe(vectors.logs.firm)
  })

  function resigned(act: SurfaceAct): string {
    const { noydbSurface: _format, by, signature: _signature, ...rest } = act
    const seed = vectors.seeds[by.party as 'firm' | 'client']
    const pkcs8 = Buffer.from(`302e020100300506032b657004220420${seed}`, 'hex')
    expect(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).asymmetricKeyType).toBe('ed25519')
    const identity = { ...by, privateKey: pkcs8.toString('base64'), createdAt: '' }
    return encodeSurfaceFile(signAct(rest, identity))
  }
})
