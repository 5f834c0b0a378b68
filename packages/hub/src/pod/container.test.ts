import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BundleIntegrityError } from '../errors.ts'
import { limits } from '../limits.ts'
import { encodeContainer, hasNoydbBundleMagic, type HeaderMembers } from './container.ts'
import { COMPRESSION_CODES, type CompressionName } from './compression.ts'
import { readNoydbBundle, readNoydbBundleHeader, readNoydbBundlePublicEnvelope } from './read-bundle.ts'

const HANDLE = '01JGXZ0000000000000000ABCD'
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

const compressions = Object.keys(COMPRESSION_CODES) as CompressionName[] // its keys are the names

/** A container around any header text, for headers the writer would not make. */
function rawContainer(header: string, body = new Uint8Array(), claim?: number): Uint8Array {
  const head = text(header)
  const prefix = Buffer.from([0x4e, 0x44, 0x42, 0x31, 2, 0, 0, 0, 0, 0])
  prefix.writeUInt32BE(claim ?? head.length, 6)
  return Buffer.concat([prefix, head, body])
}

const GOOD = {
  formatVersion: 1,
  handle: HANDLE,
  bodyBytes: 0,
  bodySha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
}

describe('container', () => {
  it('is laid out byte for byte as docs/bundle-format.md says', async () => {
    const bytes = await encodeContainer({ handle: HANDLE, bundleKind: 'snapshot' }, text('{"a":1}'), 'none')
    const header =
      `{"formatVersion":1,"handle":"${HANDLE}","bodyBytes":7,` +
      `"bodySha256":"015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862","bundleKind":"snapshot"}`
    expect(Buffer.from(bytes.subarray(0, 10)).toString('hex')).toBe('4e44423102000000' + '00af')
    expect(Buffer.from(bytes.subarray(10)).toString()).toBe(`${header}{"a":1}`)
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
  })

  it.each(compressions)('comes back whole, also from a view (%s)', async (compression) => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.nat(7), async (body, offset) => {
        const bytes = await encodeContainer({ handle: HANDLE }, text(body), compression)
        const room = new Uint8Array(bytes.length + offset + 3)
        room.set(bytes, offset)
        const read = await readNoydbBundle(room.subarray(offset, offset + bytes.length))
        expect(read.dumpJson).toBe(body)
        expect(read.header).toMatchObject({ formatVersion: 1, handle: HANDLE })
      }),
      { numRuns: 40 },
    )
  })

  it.each(compressions)(
    'refuses truncation at every byte, and anything behind the end (%s)',
    async (compression) => {
      const bytes = await encodeContainer({ handle: HANDLE }, text('{"some":"body"}'), compression)
      for (let end = 0; end < bytes.length; end += 1) {
        await expect(readNoydbBundle(bytes.subarray(0, end))).rejects.toThrow(BundleIntegrityError)
      }
      await expect(readNoydbBundle(Buffer.concat([bytes, Buffer.from([0])]))).rejects.toThrow(
        BundleIntegrityError,
      )
    },
  )

  it.each(compressions)('refuses any changed byte outside of the handle (%s)', async (compression) => {
    const bytes = await encodeContainer({ handle: HANDLE }, text('{"some":"body"}'), compression)
    const handleAt = Buffer.from(bytes).indexOf(HANDLE)
    for (let at = 0; at < bytes.length; at += 1) {
      for (const change of [1, 0x20, 0x80, 0xff]) {
        const damaged = Uint8Array.from(bytes)
        damaged[at] = (damaged[at] ?? 0) ^ change
        const read = await readNoydbBundle(damaged).catch((error: unknown) => error)
        // A handle that is still a ULID is told apart by what is inside the body (decrypt-partition.test.ts).
        if (at >= handleAt && at < handleAt + 26 && !(read instanceof Error)) continue
        expect(read, `byte ${at} ^ ${change}`).toBeInstanceOf(BundleIntegrityError)
      }
    }
  })

  it('knows the magic, and says false of anything shorter', () => {
    expect(hasNoydbBundleMagic(text('NDB1'))).toBe(true)
    expect(hasNoydbBundleMagic(text('NDB'))).toBe(false)
    expect(hasNoydbBundleMagic(text('NDBM0000'))).toBe(false)
    expect(hasNoydbBundleMagic(new Uint8Array())).toBe(false)
  })
})

describe('caps', () => {
  it.each(['gzip', 'brotli'] as const)('stops a bomb while it expands (%s)', async (compression) => {
    const bytes = await encodeContainer({ handle: HANDLE }, new Uint8Array(8 * 1024 * 1024), compression)
    expect(bytes.length).toBeLessThan(64 * 1024)
    const read = readNoydbBundle(bytes, { maxExpandedBytes: 1024 * 1024 })
    await expect(read).rejects.toThrow(/more than 1048576 bytes/)
    await expect(readNoydbBundle(bytes, { maxExpandedBytes: 1 })).rejects.toThrow(BundleIntegrityError)
  })

  it('believes no length before it was compared with what is there', () => {
    const claims = [0xffffffff, limits.bundleHeaderBytes + 1, limits.bundleHeaderBytes, 3]
    for (const claim of claims) {
      expect(() => readNoydbBundleHeader(rawContainer('{}', new Uint8Array(), claim))).toThrow(
        BundleIntegrityError,
      )
    }
    const huge = JSON.stringify({ ...GOOD, bodyBytes: limits.bundleBodyBytes + 1 })
    expect(() => readNoydbBundleHeader(rawContainer(huge))).toThrow(BundleIntegrityError)
  })
})

describe('header', () => {
  const members: HeaderMembers = {
    handle: HANDLE,
    publicEnvelope: {
      _noydb_public: 1,
      version: 2,
      name: { de: 'Büro', en: 'Office' },
      description: 'x',
      defaultLocale: 'de',
    },
    autoUnlock: 'sealed',
    bundleKind: 'extracted-partition',
    transferSeal: { v: 1, alg: 'aes-256-gcm-pre-shared', sealId: HANDLE },
  }

  it('reads without looking at the body', async () => {
    const bytes = await encodeContainer(members, text('{"a":1}'), 'none')
    const { formatVersion, bodyBytes, bodySha256, ...rest } = readNoydbBundleHeader(bytes.subarray(0, -7))
    expect(rest).toEqual(members)
    expect([formatVersion, bodyBytes, bodySha256.length]).toEqual([1, 7, 64])
    expect((await readNoydbBundle(bytes)).autoUnlock).toBe('sealed')
  })

  it('gives the public envelope, in a language where one is asked for', async () => {
    const bytes = await encodeContainer(members, text(''), 'none')
    expect(readNoydbBundlePublicEnvelope(bytes)).toEqual(members.publicEnvelope)
    expect(readNoydbBundlePublicEnvelope(bytes, { locale: 'en' })).toMatchObject({
      name: 'Office',
      description: 'x',
    })
    expect(readNoydbBundlePublicEnvelope(bytes, { locale: 'it' })?.name).toBe('Büro')
    expect(
      readNoydbBundlePublicEnvelope(await encodeContainer({ handle: HANDLE }, text(''), 'none')),
    ).toBeUndefined()
  })

  const seal = { v: 1, alg: 'aes-256-gcm-pre-shared', sealId: 'x' }
  it.each<[string, unknown]>([
    ['an unknown member', { ...GOOD, extra: 1 }],
    ['an inherited name as a member', { ...GOOD, constructor: 1 }],
    ['another version', { ...GOOD, formatVersion: 2 }],
    ['a version as text', { ...GOOD, formatVersion: '1' }],
    ['a handle that is no ULID', { ...GOOD, handle: 'x' }],
    ['a negative length', { ...GOOD, bodyBytes: -1 }],
    ['a fractional length', { ...GOOD, bodyBytes: 0.5 }],
    ['a hash in capitals', { ...GOOD, bodySha256: GOOD.bodySha256.toUpperCase() }],
    ['another kind', { ...GOOD, bundleKind: 'whole' }],
    ['another unlock', { ...GOOD, autoUnlock: true }],
    ['a seal of another algorithm', { ...GOOD, transferSeal: { ...seal, alg: 'none' } }],
    ['a seal with an unknown member', { ...GOOD, transferSeal: { ...seal, key: 'x' } }],
    ['a seal that is null', { ...GOOD, transferSeal: null }],
    ['an envelope without a version', { ...GOOD, publicEnvelope: { _noydb_public: 1 } }],
    [
      'an envelope with a number as name',
      { ...GOOD, publicEnvelope: { _noydb_public: 1, version: 1, name: 4 } },
    ],
    ['a list', [GOOD]],
    ['nothing', null],
    ['a missing member', { ...GOOD, handle: undefined }],
  ])('refuses %s', (_what, header) => {
    expect(() => readNoydbBundleHeader(rawContainer(JSON.stringify(header)))).toThrow(BundleIntegrityError)
  })

  it.each([
    ['no JSON', '{'],
    ['depth', `{"publicEnvelope":${'['.repeat(200)}${']'.repeat(200)}}`],
    ['a prototype', JSON.stringify({ ...GOOD, x: 1 }).replace('"x"', '"__proto__"')],
    [
      'a prototype, spelled',
      JSON.stringify({ ...GOOD, publicEnvelope: { _noydb_public: 1, version: 1, name: { x: 'y' } } }).replace(
        '"x"',
        '"__pr\\u006fto__"',
      ),
    ],
  ])('refuses %s', (_what, header) => {
    expect(() => readNoydbBundleHeader(rawContainer(header))).toThrow(BundleIntegrityError)
  })

  it('refuses bytes that are no UTF-8, and flags that do not fit', () => {
    const bytes = rawContainer(JSON.stringify(GOOD))
    expect(readNoydbBundleHeader(bytes)).toEqual(GOOD)
    const change = (at: number, value: number): Uint8Array =>
      Object.assign(Uint8Array.from(bytes), { [at]: value })
    for (const [at, value] of [
      [20, 0xff],
      [4, 0],
      [4, 3],
      [4, 6],
      [5, 1],
      [5, 3],
    ] as const) {
      expect(() => readNoydbBundleHeader(change(at, value))).toThrow(BundleIntegrityError)
    }
  })

  it('never throws anything else, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.json(), (bytes, json) => {
        for (const input of [bytes, Buffer.concat([text('NDB1'), bytes]), rawContainer(json)]) {
          try {
            readNoydbBundleHeader(input)
          } catch (error) {
            expect(error).toBeInstanceOf(BundleIntegrityError)
          }
        }
      }),
    )
  })
})
