/** Fixed keys and IVs in, bytes out: what the format descriptions say, against code of its own and against ours. */
import { createSecretKey } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { createNoydb } from '../src/index.ts'
import { decryptExtractedPartition, readNoydbBundle, readNoydbBundleHeader } from '../src/bundle.ts'
import { RowCodec } from '../src/crypto/row-codec.ts'
import { memory } from '../src/memory.ts'
import { encodeContainer } from '../src/pod/container.ts'
import type { EncryptedEnvelope } from '../src/types/store.ts'
import {
  compute,
  type ContainerIn,
  type EnvelopeIn,
  type KeyringIn,
  type Partition2In,
} from './vectors/compute.ts'

interface Vector<In, Out> {
  readonly in: In
  readonly out: Out
}

const folder = path.join(import.meta.dirname, 'vectors')
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => path.basename(file, '.json'))

function vector<In, Out>(name: string): Vector<In, Out> {
  return JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8')) as Vector<In, Out> // our own file
}

const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))

it.each(names)('%s is what its description gives', async (name) => {
  const { in: input, out } = vector(name)
  expect(await compute(name, input)).toEqual(out)
})

describe('our code', () => {
  it.each(['container', 'container-gzip'])('reads and writes %s', async (name) => {
    const { in: input, out } = vector<ContainerIn, { bytes: string }>(name)
    const bytes = fromHex(out.bytes)
    const read = await readNoydbBundle(bytes)
    expect(read.header).toEqual(input.header)
    expect(read.dumpJson).toBe('{"a":1}')
    if (input.compression !== 0) return
    const { formatVersion: _f, bodyBytes: _b, bodySha256: _s, ...members } = read.header
    expect(await encodeContainer(members, fromHex(input.body), 'none')).toEqual(bytes)
  })

  it.each(['partition-1', 'partition-2'])('opens %s', async (name) => {
    const { in: input, out } = vector<Partition2In, { bytes: string }>(name)
    const bytes = fromHex(out.bytes)
    expect(readNoydbBundleHeader(bytes).bundleKind).toBe('extracted-partition')
    const invoice = {
      id: 'i/1 🧾',
      record: { id: 'i/1 🧾', clientId: 'c1', net: 1200 },
      ts: '2026-01-01T00:00:01.000Z',
      version: 2,
      source: 'studio/rossi',
      sourceTs: '2025-12-31T23:59:59.999Z',
    }
    const client = {
      id: 'c1',
      record: { id: 'c1', name: 'Rossi' },
      ts: '2026-01-01T00:00:00.000Z',
      version: 1,
    }
    const read = await decryptExtractedPartition(bytes, fromHex(input.transferKey))
    expect(read['clients']).toEqual([client])
    expect(read['invoices']?.[0]).toEqual(invoice)
    expect(read['invoices']?.[1]?.record).toEqual({ constructor: 1, id: '__proto__' })
  })

  it('opens the envelope, at its place alone', () => {
    const { in: input, out } = vector<EnvelopeIn, { envelope: EncryptedEnvelope }>('envelope')
    const key = createSecretKey(fromHex(input.key))
    const codec = new RowCodec(input.vaultUlid)
    expect(codec.open(key, input, out.envelope)).toBe(input.text)
    expect(() => codec.open(key, { ...input, id: 'other' }, out.envelope)).toThrow('moved')
  })

  it('opens the vault with the secret', async () => {
    const { in: input, out } = vector<KeyringIn, { rows: Record<string, Record<string, EncryptedEnvelope>> }>(
      'keyring',
    )
    const store = memory()
    for (const [collection, rows] of Object.entries(out.rows))
      for (const [id, envelope] of Object.entries(rows)) await store.put('office', collection, id, envelope)
    const db = await createNoydb({ store, user: input.userId, secret: input.secret })
    const vault = await db.openVault('office', { create: false })
    expect(await vault.collection('clients').list()).toEqual([JSON.parse(input.record.text)])
    expect(await vault.getBundleHandle()).toBe(input.vaultUlid)
  })
})
