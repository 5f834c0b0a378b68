import { brotliCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeParts, HANDLE, partitionHeader, SEAL_ID } from '../../../test/formats/container.ts'
import {
  joinParts2,
  makeParts2,
  openBody,
  QUICK,
  sealDirectory2,
  type Head2,
  type Parts2,
  type Section2,
} from '../../../test/formats/partition-2.ts'
import { bytesOf, countingIvs } from '../../../test/formats/seal.ts'
import { BundleIntegrityError, NoydbError, TamperedError, TransferSealError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { readContainerHead } from '../container.ts'
import { decryptExtractedPartition } from '../decrypt-partition.ts'
import { extractPartition } from '../extract-partition.ts'
import { CLIENT_ONE, fillFixtureVault, openFixtureVault } from '../fixture-vault.ts'
import { readNoydbBundle, readNoydbBundleHeader } from '../read-bundle.ts'

const transferKey = new Uint8Array(bytesOf(1))
const head: Head2 = { sealId: SEAL_ID, exchangeId: null, handle: HANDLE, compression: 'none' }
const about = { vault: 'v', userId: 'u', exportedAt: '2026-01-01T00:00:00.000Z' }
const line = (id: string, record: unknown, more: object = {}): string =>
  JSON.stringify({ id, _v: 1, _ts: '2026-01-01T00:00:00.000Z', ...more, record })
const wide = (id: string, bytes = 70_000): string => line(id, { text: id.repeat(bytes) })

function section(collection: string, lines: readonly string[], key = 2): Section2 {
  return { collection, key: bytesOf(key), lines: ['{}', ...lines] }
}

function parts(sections: readonly Section2[], about2: object = {}, head2: Partial<Head2> = {}): Parts2 {
  const about3 = { ...about, ...about2 }
  return makeParts2({ transferKey, head: { ...head, ...head2 }, about: about3, sections, ivs: countingIvs() })
}

/** A container around the body, hash and all, as another program would write it. */
function bundle(body: Uint8Array): Uint8Array {
  return encodeParts({ header: partitionHeader(body), body, compression: 0 })
}

const read = (made: Parts2) => decryptExtractedPartition(bundle(joinParts2(made)), transferKey)
const failureOf = (made: Parts2): Promise<unknown> => read(made).catch((error: unknown) => error)

async function extracted(options: object = {}) {
  const { vault } = await openFixtureVault()
  await fillFixtureVault(vault)
  return extractPartition(vault, { ...CLIENT_ONE, bodyFormat: 2, ...options })
}

describe('what we write', () => {
  it('is read back, and by a reader written from the description alone', async () => {
    const { bundleBytes, transferKey: key } = await extracted()
    const { invoices, clients } = await decryptExtractedPartition(bundleBytes, key)
    expect(clients?.map(({ record }) => record)).toEqual([{ id: 'c1', name: 'Rossi', note: 'secret-note' }])
    expect(invoices?.[0]).toMatchObject({ id: 'i/1 🧾', version: 2, source: 'studio/rossi' })
    const { lines } = openBody(bundleBytes.subarray(readContainerHead(bundleBytes).bodyOffset), key)
    expect(Object.keys(lines)).toEqual(['clients', 'invoices'])
    expect(JSON.parse(lines['invoices']?.[1] ?? '')).toMatchObject({ id: 'i/1 🧾', _v: 2, _by: 'anna' })
  })

  it('says nothing in clear but ids, sizes and the compression', async () => {
    const { bundleBytes } = await extracted({ compression: 'none' })
    const seen = Buffer.from(bundleBytes).toString('latin1')
    for (const secret of ['Rossi', 'clients', 'invoices', 'office', 'anna'])
      expect(seen).not.toContain(secret)
  })

  it.each(['auto', 'brotli', 'gzip', 'none'] as const)(
    'compresses inside as asked (%s)',
    async (compression) => {
      const { bundleBytes, transferKey: key } = await extracted({ compression })
      expect(bundleBytes[5]).toBe(0)
      expect(Object.keys(await decryptExtractedPartition(bundleBytes, key))).toEqual(['clients', 'invoices'])
    },
  )

  it('is bound to its exchange', async () => {
    const { bundleBytes, transferKey: key } = await extracted({ exchangeId: 'exchange 7' })
    expect(await decryptExtractedPartition(bundleBytes, key, { exchangeId: 'exchange 7' })).toHaveProperty(
      'clients',
    )
    const unbound = [await extracted({ bodyFormat: 1 }), await extracted()]
    for (const one of unbound)
      await expect(
        decryptExtractedPartition(one.bundleBytes, one.transferKey, { exchangeId: 'exchange 7' }),
      ).rejects.toThrow(BundleIntegrityError)
    const other = decryptExtractedPartition(bundleBytes, key, { exchangeId: 'exchange 8' })
    await expect(other).rejects.toThrow(BundleIntegrityError)
    for (const wrong of [{ exchangeId: '' }, { bodyFormat: 1, exchangeId: 'x' }, { bodyFormat: 3 }])
      await expect(extracted(wrong)).rejects.toThrow(expect.objectContaining({ code: 'VALIDATION_ERROR' }))
  })

  it('shows as the wrapper of format 1, with nothing opened', async () => {
    const { bundleBytes, sealId } = await extracted()
    const { header, dumpJson } = await readNoydbBundle(bundleBytes)
    expect(header).toEqual(readNoydbBundleHeader(bundleBytes))
    const wrapper = JSON.parse(dumpJson) as Record<string, unknown>
    expect(Object.keys(wrapper)).toEqual([
      '_noydb_bundle_body',
      'dump',
      '_transferSeal',
      'exchangeId',
      'compression',
    ])
    expect(wrapper).toMatchObject({ _noydb_bundle_body: 2, _transferSeal: { sealId }, compression: 'brotli' })
  })

  it('extracts nothing as an empty bundle', async () => {
    const { bundleBytes, transferKey: key } = await extracted({ seeds: { clients: () => false } })
    expect(await decryptExtractedPartition(bundleBytes, key)).toEqual({})
  })

  it('stops when told to, at any record, and tells how far it is', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(extracted({ signal })).rejects.toThrow('enough')
    const { bundleBytes, transferKey: key } = await extracted()
    await expect(decryptExtractedPartition(bundleBytes, key, { signal })).rejects.toThrow('enough')
  })
})

describe('a bundle of another writer', () => {
  it('is read, over several chunks and sections', async () => {
    const made = parts([
      section(
        'a',
        ['x', 'y', 'z'].map((id) => wide(id)),
      ),
      section('b', [line('__proto__', {})], 3),
    ])
    expect(made.chunks[0]?.length).toBe(4)
    const { a, b } = await read(made)
    expect(a?.map(({ id }) => id)).toEqual(['x', 'y', 'z'])
    expect(b?.[0]?.record).toEqual({ id: '__proto__' })
  })

  type Edit = (made: Parts2) => void
  const swap = (list: unknown[], one: number, other: number): void => {
    ;[list[one], list[other]] = [list[other], list[one]]
  }
  const three = (): Parts2 =>
    parts([
      section(
        'a',
        ['x', 'y', 'z'].map((id) => wide(id)),
      ),
      section(
        'b',
        ['p', 'q', 'r'].map((id) => wide(id)),
      ),
    ])

  it.each<[string, Edit]>([
    ['two chunks in another order', ({ chunks: [first] }) => swap(first ?? [], 0, 1)],
    [
      'a chunk twice in place of another',
      ({ chunks: [first] }) => first?.splice(1, 1, first[0] ?? Buffer.of()),
    ],
    [
      'a chunk of another section under the same key',
      ({ chunks }) => chunks[0]?.splice(0, 1, chunks[1]?.[0] ?? Buffer.of()),
    ],
    ['two whole sections in another order', ({ chunks }) => swap(chunks, 0, 1)],
    ['the head naming another exchange', (made) => (made.head['exchangeId'] = 'other')],
    ['the head naming another compression', (made) => (made.head['compression'] = 'gzip')],
  ])('is refused with %s', async (_what, edit) => {
    const made = three()
    edit(made)
    const error = await failureOf(made)
    expect(error instanceof TamperedError || error instanceof TransferSealError).toBe(true)
  })

  it.each<[string, (bytes: Buffer[]) => void]>([
    ['its last chunk', (chunks) => chunks.pop()],
    ['its first chunk', (chunks) => chunks.shift()],
    ['all chunks', (chunks) => chunks.splice(0)],
    ['a chunk repeated', (chunks) => chunks.push(chunks.at(-1) ?? Buffer.of())],
  ])('is refused with a section without or with %s, whatever the directory says', async (_what, edit) => {
    const sections = [
      section(
        'a',
        ['x', 'y', 'z'].map((id) => wide(id)),
      ),
    ]
    const made = parts(sections)
    edit(made.chunks[0] ?? [])
    expect(await failureOf(made)).toBeInstanceOf(BundleIntegrityError)
    const entry = { collection: 'a', key: bytesOf(2).toString('base64'), records: 3, plainBytes: 210_170 }
    const sealedBytes = Buffer.concat(made.chunks[0] ?? []).length
    const directory = { ...about, sections: [{ ...entry, sealedBytes }] }
    made.directory = sealDirectory2(transferKey, head, directory, countingIvs())
    expect(await failureOf(made)).toBeInstanceOf(NoydbError)
  })

  it.each<[string, string[]]>([
    ['no JSON', ['{']],
    ['an empty line', ['']],
    ['a list', ['[]']],
    ['a record that is a list', [line('x', [])]],
    ['no id', [line('', {})]],
    ['a lone surrogate', ['{"id":"\\ud800","_v":1,"_ts":"2026-01-01T00:00:00.000Z","record":{}}']],
    ['an id twice', [line('x', {}), line('x', {})]],
    ['a prototype', [line('x', {}).replace('"record":{}', '"record":{"__proto__":1}')]],
    ['another member', [line('x', {}, { _tier: 1 })]],
    ['a version of 0', [line('x', {}, { _v: 0 })]],
    ['a time that is none', [line('x', {}, { _ts: 'yesterday' })]],
    ['depth', [`{"id":"x","record":${'{"a":'.repeat(70)}1${'}'.repeat(70)}}`]],
  ])('is refused with a line that has %s', async (_what, lines) => {
    expect(await failureOf(parts([section('a', lines)]))).toBeInstanceOf(BundleIntegrityError)
  })

  it.each<[string, readonly Section2[], object]>([
    ['a reserved collection', [section('_keyring', [line('x', {})])], {}],
    ['a collection twice', [section('a', [line('x', {})]), section('a', [line('x', {})])], {}],
    ['another member', [section('a', [line('x', {})])], { extra: 1 }],
    ['no records', [section('a', [])], {}],
  ])('is refused with a directory that has %s', async (_what, sections, more) => {
    expect(await failureOf(parts(sections, more))).toBeInstanceOf(BundleIntegrityError)
  })

  it('is refused before it is inflated when it says it is too large, and while inflating when it does not', async () => {
    const size = 4 * 1024 * 1024
    const bytes = brotliCompressSync(Buffer.alloc(size, ' '), QUICK)
    const bomb = (plainBytes: number) =>
      bundle(
        joinParts2(
          parts([{ ...section('a', ['']), packed: { bytes, plainBytes } }], {}, { compression: 'brotli' }),
        ),
      )
    expect(bytes.length).toBeLessThan(1000)
    const limit = { maxExpandedBytes: size - 1 }
    for (const [made, what] of [
      [bomb(size), 'expands to more'],
      [bomb(10), 'expands to more than 10 bytes'],
      [bomb(limits.bundleExpandedBytes + 1), 'plainBytes'],
    ] as const)
      await expect(decryptExtractedPartition(made, transferKey, limit)).rejects.toThrow(what)
    await expect(decryptExtractedPartition(bomb(size + 1), transferKey)).rejects.toThrow('shorter')
  })

  it('is refused with any byte changed or cut off', async () => {
    const body = joinParts2(parts([section('a', [line('x', { n: 1 })])]))
    await fc.assert(
      fc.asyncProperty(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const damaged = Uint8Array.from(body)
        damaged[at] = (damaged[at] ?? 0) ^ change
        await expect(decryptExtractedPartition(bundle(damaged), transferKey)).rejects.toThrow(NoydbError)
      }),
      { numRuns: 400 },
    )
    for (let end = 0; end < body.length; end += 1) {
      await expect(decryptExtractedPartition(bundle(body.subarray(0, end)), transferKey)).rejects.toThrow(
        NoydbError,
      )
    }
  })

  it('needs the right key', async () => {
    const bytes = bundle(joinParts2(parts([section('a', [line('x', {})])])))
    for (const wrong of [bytesOf(9), bytesOf(1, 31)])
      await expect(decryptExtractedPartition(bytes, wrong)).rejects.toThrow(TransferSealError)
  })
})
