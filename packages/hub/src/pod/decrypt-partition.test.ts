import { createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { seal, sealBytes } from '../crypto/aead.ts'
import {
  BundleIntegrityError,
  NoydbError,
  TamperedError,
  TransferSealError,
  ValidationError,
} from '../errors.ts'
import { limits } from '../limits.ts'
import type { ExtractedPartition } from '../types/bundle.ts'
import { encodeContainer } from './container.ts'
import { decryptExtractedPartition } from './decrypt-partition.ts'
import { extractPartition } from './extract-partition.ts'
import { CLIENT_ONE, fillFixtureVault, openFixtureVault } from './fixture-vault.ts'

const HANDLE = '01JGXZ0000000000000000ABCD'
const raw = new Uint8Array(32).fill(7)
const key = createSecretKey(raw)
const transferSeal = { v: 1, alg: 'aes-256-gcm-pre-shared', sealId: 'seal' } as const

function row(text: string, change: Record<string, unknown> = {}): Record<string, unknown> {
  const { iv, data } = seal(key, text)
  return { _noydb: 1, _v: 1, _ts: '2025-01-01T00:00:00.000Z', _iv: iv, _data: data, ...change }
}

interface Made {
  collections?: unknown
  keys?: Record<string, unknown>
  dump?: (text: string) => string
  wrapper?: Record<string, unknown>
  seal?: Record<string, unknown>
}

/** A bundle as another program would write it, hash and all; the transfer key is `raw`. */
async function make({
  collections = { c: { a: row('{"n":1}') } },
  keys,
  dump,
  wrapper,
  seal,
}: Made = {}): Promise<Uint8Array> {
  const sealed = keys ?? { c: Buffer.from(raw).toString('base64') }
  const payload = sealBytes(key, JSON.stringify(sealed)).toString('base64')
  const text = JSON.stringify({ _noydb_backup: 1, keyrings: {}, collections })
  const body = {
    _noydb_bundle_body: 1,
    dump: dump?.(text) ?? text,
    _transferSeal: { ...transferSeal, payload, ...seal },
    ...wrapper,
  }
  const members = { handle: HANDLE, bundleKind: 'extracted-partition', transferSeal } as const
  return encodeContainer(members, Buffer.from(JSON.stringify(body)), 'none')
}

const failureOf = (bundle: Uint8Array, with_: Uint8Array = raw): Promise<unknown> =>
  decryptExtractedPartition(bundle, with_).catch((error: unknown) => error)

describe('a bundle of another writer', () => {
  it('is read, members unknown here left behind', async () => {
    const collections = {
      c: {
        a: row('{"n":1,"id":"other"}', { _tier: 2 }),
        ['__proto__']: row('{}'),
        constructor: row('{"constructor":1}'),
      },
    }
    const text = JSON.stringify(collections)
    expect(text).toContain('__proto__')
    const read = await decryptExtractedPartition(await make({ collections, wrapper: { extra: 1 } }), raw)
    const expected: unknown = [
      { id: 'a', record: { n: 1, id: 'a' }, ts: '2025-01-01T00:00:00.000Z', version: 1 },
      { id: '__proto__', record: { id: '__proto__' }, ts: '2025-01-01T00:00:00.000Z', version: 1 },
      {
        id: 'constructor',
        record: { constructor: 1, id: 'constructor' },
        ts: '2025-01-01T00:00:00.000Z',
        version: 1,
      },
    ]
    expect(read['c']).toEqual(expected)
  })
})

describe('the key', () => {
  it('is 32 bytes and the right ones', async () => {
    for (const wrong of [new Uint8Array(31), new Uint8Array(33), new Uint8Array(), new Uint8Array(32)]) {
      expect(await failureOf(await make(), wrong)).toBeInstanceOf(TransferSealError)
    }
    expect(await failureOf(await make(), 'x'.repeat(32) as never)).toBeInstanceOf(TransferSealError)
  })

  it.each<[string, Made]>([
    ['no key for a collection', { keys: {} }],
    ['an inherited name for a collection', { collections: { constructor: {} }, keys: {} }],
    ['a short key', { keys: { c: 'AAAA' } }],
    ['a key that is no text', { keys: { c: 7 } }],
    ['a list of keys', { keys: [] as never }],
    ['a broken payload', { seal: { payload: 'AAAA' } }],
  ])('must be there: %s', async (_what, made) => {
    expect(await failureOf(await make(made))).toBeInstanceOf(TransferSealError)
  })
})

describe('damage', () => {
  const other = createSecretKey(new Uint8Array(32))
  const deep = `{"a":${'['.repeat(200)}${']'.repeat(200)}}`

  it.each<[string, Made]>([
    [
      'a record under another key',
      { collections: { c: { a: { ...row('{}'), _iv: seal(other, '').iv, _data: seal(other, '{}').data } } } },
    ],
    ['a short initialisation vector', { collections: { c: { a: row('{}', { _iv: 'AAAA' }) } } }],
    ['ciphertext that is no base64', { collections: { c: { a: row('{}', { _data: '*'.repeat(99) }) } } }],
    ['no ciphertext', { collections: { c: { a: row('{}', { _data: '' }) } } }],
  ])('inside a record is tampering: %s', async (_what, made) => {
    expect(await failureOf(await make(made))).toBeInstanceOf(TamperedError)
  })

  it.each<[string, Made]>([
    ['a record nested too deeply', { collections: { c: { a: row(deep) } } }],
    ['a record with a prototype', { collections: { c: { a: row('{"x":[{"__proto__":{}}]}') } } }],
    ['a record with a prototype, spelled', { collections: { c: { a: row('{"__pr\\u006fto__":1}') } } }],
    ['a record that is a list', { collections: { c: { a: row('[]') } } }],
    ['a record that is no JSON', { collections: { c: { a: row('{') } } }],
    ['an id too long', { collections: { c: { ['x'.repeat(limits.idBytes + 1)]: row('{}') } } }],
    ['an empty id', { collections: { c: { '': row('{}') } } }],
    ['a reserved collection', { collections: { _keyring: { a: row('{}') } } }],
    ['a collection that is a list', { collections: { c: [] } }],
    ['no collections', { collections: null }],
    ['a version of 0', { collections: { c: { a: row('{}', { _v: 0 }) } } }],
    ['a version as text', { collections: { c: { a: row('{}', { _v: '1' }) } } }],
    ['a time that is none', { collections: { c: { a: row('{}', { _ts: '9999' }) } } }],
    ['a month that is none', { collections: { c: { a: row('{}', { _ts: '2025-13-01T00:00:00.000Z' }) } } }],
    ['a source that is no text', { collections: { c: { a: row('{}', { _source: {} }) } } }],
    ['an envelope that is none', { collections: { c: { a: null } } }],
    ['a dump nested too deeply', { dump: () => deep }],
    ['a dump that is no backup', { dump: () => '{"collections":{}}' }],
    ['a dump that is no text', { wrapper: { dump: {} } }],
    ['another body', { wrapper: { _noydb_bundle_body: 2 } }],
    ['no seal', { wrapper: { _transferSeal: null } }],
    ['the seal of another bundle', { seal: { sealId: 'other' } }],
    [
      'a body with a prototype',
      { dump: (text) => text, wrapper: JSON.parse('{"__proto__":1}') as Record<string, unknown> },
    ],
  ])('of the body refuses everything: %s', async (_what, made) => {
    expect(await failureOf(await make(made))).toBeInstanceOf(BundleIntegrityError)
  })

  it('one bad record among good ones gives nothing back', async () => {
    const collections = { c: { a: row('{}'), b: row('{'), d: row('{}') } }
    expect(await failureOf(await make({ collections }))).toBeInstanceOf(BundleIntegrityError)
  })

  it('refuses other bundles by their kind', async () => {
    const snapshot = await encodeContainer({ handle: HANDLE }, Buffer.from('{}'), 'none')
    expect(await failureOf(snapshot)).toBeInstanceOf(ValidationError)
    expect(await failureOf(new Uint8Array(3))).toBeInstanceOf(BundleIntegrityError)
  })
})

describe('our own bundles', () => {
  let extracted: ExtractedPartition

  beforeAll(async () => {
    const { vault } = await openFixtureVault()
    await fillFixtureVault(vault)
    extracted = await extractPartition(vault, { ...CLIENT_ONE, compression: 'none' })
  })

  it('are refused with any byte changed', async () => {
    const { bundleBytes, transferKey } = extracted
    const anyByte = fc.nat(bundleBytes.length - 1)
    await fc.assert(
      fc.asyncProperty(anyByte, fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = Uint8Array.from(bundleBytes)
        damaged[at] = (damaged[at] ?? 0) ^ change
        const error = await failureOf(damaged, transferKey)
        expect(error, `byte ${at} ^ ${change}`).toBeInstanceOf(NoydbError)
      }),
      { numRuns: 500 },
    )
  })

  it('are refused with any byte of the header changed, the handle included', async () => {
    const { bundleBytes, transferKey } = extracted
    const end = 10 + Buffer.from(bundleBytes).readUInt32BE(6)
    for (let at = 0; at < end; at += 1) {
      for (const change of [1, 2, 3, 0x20]) {
        const damaged = Uint8Array.from(bundleBytes)
        damaged[at] = (damaged[at] ?? 0) ^ change
        expect(await failureOf(damaged, transferKey), `byte ${at}`).toBeInstanceOf(BundleIntegrityError)
      }
    }
  })

  it('are refused truncated anywhere', async () => {
    const { bundleBytes, transferKey } = extracted
    for (let end = 0; end < bundleBytes.length; end += 1) {
      expect(await failureOf(bundleBytes.subarray(0, end), transferKey)).toBeInstanceOf(BundleIntegrityError)
    }
  })

  it('tell how far they are and stop when told to', async () => {
    const { bundleBytes, transferKey } = extracted
    const stopped = decryptExtractedPartition(bundleBytes, transferKey, {
      signal: AbortSignal.abort(new Error('no')),
    })
    await expect(stopped).rejects.toThrow('no')
  })
})
