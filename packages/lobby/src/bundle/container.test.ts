import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../canonical-json.ts'
import { exportBundle } from '../exchange/export-bundle.ts'
import { fill, openOffice } from '../fixture-office.ts'
import { verifyContainer } from '../import/open-import.ts'
import { decodeMultiBundle, encodeMultiBundle } from './container.ts'
import { readMultiVaultBundleCompartment, readNoydbBundleManifest, readVerifiedCompartment } from './read.ts'
import type { MultiBundleManifest } from './types.ts'
import { writeMultiVaultBundle } from './write.ts'

const inner = [new Uint8Array([1, 2, 3]), new Uint8Array()]
const manifest: MultiBundleManifest = {
  multiFormatVersion: 1,
  handle: 'H',
  compartments: inner.map((bytes, at) => ({
    handle: `c${at}`,
    innerBytes: bytes.length,
    innerSha256: sha256(bytes),
  })),
}

function raw(json: string, tail: Uint8Array = new Uint8Array()): Uint8Array {
  const text = Buffer.from(json)
  const head = Buffer.from([0x4e, 0x44, 0x42, 0x4d, 1, 0, 0, 0, 0, 0])
  head.writeUInt32BE(text.length, 6)
  return new Uint8Array(Buffer.concat([head, text, tail]))
}

describe('container', () => {
  it('has exactly the published bytes', () => {
    const bytes = encodeMultiBundle(manifest, inner)
    expect(Buffer.from(bytes)).toEqual(Buffer.from(raw(JSON.stringify(manifest), inner[0])))
  })

  it('gives back what it was given, as views', () => {
    const bytes = encodeMultiBundle(manifest, inner)
    const decoded = decodeMultiBundle(bytes)
    expect(decoded).toEqual({ manifest, inner })
    expect(decoded.inner[0]?.buffer).toBe(bytes.buffer)
  })

  it.each([
    ['no magic', new Uint8Array([1, 2, 3, 4, 5])],
    ['fewer than four bytes', new Uint8Array([0x4e, 0x44])],
    ['a truncated prefix', raw('{}').subarray(0, 8)],
    ['a truncated manifest', raw(JSON.stringify(manifest)).subarray(0, 40)],
    ['no JSON', raw('nope')],
    ['a list', raw('[]')],
    ['another version', raw('{"multiFormatVersion":2}')],
    ['no handle', raw('{"multiFormatVersion":1,"handle":""}')],
    ['no compartments', raw('{"multiFormatVersion":1,"handle":"h"}')],
    ['__proto__', raw('{"multiFormatVersion":1,"handle":"h","compartments":[],"__proto__":{}}')],
    [
      'deep nesting',
      raw(`{"multiFormatVersion":1,"handle":"h","compartments":[],"x":${'['.repeat(99)}${']'.repeat(99)}}`),
    ],
    ['trailing bytes', raw(JSON.stringify(manifest), new Uint8Array(4))],
    ['a truncated compartment', raw(JSON.stringify(manifest), new Uint8Array(2))],
  ])('refuses %s', (_what, bytes) => {
    expect(() => decodeMultiBundle(bytes)).toThrow(expect.objectContaining({ code: 'BUNDLE_INVALID' }))
  })

  it('refuses text that is no UTF-8 with the decoder’s class and our code', () => {
    const bytes = raw('{}')
    bytes[10] = 0xff
    expect(() => decodeMultiBundle(bytes)).toThrow(TypeError)
    expect(() => decodeMultiBundle(bytes)).toThrow(expect.objectContaining({ code: 'BUNDLE_INVALID' }))
  })

  it('does not encode what it would not decode', () => {
    expect(() => encodeMultiBundle(manifest, [])).toThrow('as many compartments')
    expect(() => encodeMultiBundle(manifest, [new Uint8Array(9), new Uint8Array()])).toThrow('size')
    const twice = { ...manifest, compartments: [manifest.compartments[0], manifest.compartments[0]] }
    expect(() => encodeMultiBundle(twice as MultiBundleManifest, inner)).toThrow('handle')
  })
})

describe('compartments', () => {
  it('are found by index and by handle, in either kind of bundle', async () => {
    const db = await openOffice('ada')
    await fill(db, 'one', { a: { x: { n: 1 } } })
    await fill(db, 'two', { b: { y: { n: 2 } } })
    const vaults = [await db.openVault('one'), await db.openVault('two')]
    const bytes = await writeMultiVaultBundle(
      vaults.map((vault) => ({ vault, disclose: { name: true, collections: true } })),
    )
    const entries = await readNoydbBundleManifest(bytes)
    expect(entries.map(({ name, collections }) => [name, collections])).toEqual([
      ['one', [{ name: 'a', count: 1 }]],
      ['two', [{ name: 'b', count: 1 }]],
    ])
    const second = readMultiVaultBundleCompartment(bytes, 1)
    expect(readMultiVaultBundleCompartment(bytes, entries[1]?.handle ?? '')).toEqual(second)
    expect(readMultiVaultBundleCompartment(second, 0)).toBe(second)
    expect(await readNoydbBundleManifest(second)).toMatchObject([{ handle: entries[1]?.handle }])
    for (const selector of [2, -1, 0.5, '1']) {
      expect(() => readMultiVaultBundleCompartment(bytes, selector)).toThrow()
    }
    expect(readVerifiedCompartment(bytes, 1)).toEqual(second)
    expect(readVerifiedCompartment(second, entries[1]?.handle ?? '')).toBe(second)
    const damaged = bytes.slice()
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1
    expect(readMultiVaultBundleCompartment(damaged, 1)).not.toEqual(second)
    expect(() => readVerifiedCompartment(damaged, 1)).toThrow(
      expect.objectContaining({ code: 'BUNDLE_INVALID' }),
    )
    expect(readVerifiedCompartment(damaged, 0)).toEqual(readVerifiedCompartment(bytes, 0))
    const [vault] = vaults
    if (vault === undefined) throw new Error('expected a vault')
    await expect(writeMultiVaultBundle([{ vault }, { vault }])).rejects.toThrow('handle')
    await expect(writeMultiVaultBundle([])).rejects.toThrow('at least one')
  })
})

describe('a signed container', () => {
  it('is refused with any single byte changed, or cut anywhere', async () => {
    const db = await openOffice('ada')
    await fill(db, 'one', { a: { x: { n: 1 } } })
    const { container } = await exportBundle(db, { party: 'bob', vaults: [{ vault: 'one' }] })
    expect(verifyContainer(container).sender).toMatchObject({ party: 'ada', sequence: 1, previous: null })
    fc.assert(
      fc.property(fc.nat(container.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = container.slice()
        damaged[at] = (damaged[at] ?? 0) ^ flip
        expect(() => verifyContainer(damaged)).toThrow()
      }),
      { numRuns: 1500 },
    )
    fc.assert(
      fc.property(fc.nat(container.length - 1), (length) => {
        expect(() => verifyContainer(container.subarray(0, length))).toThrow()
      }),
    )
  })
})
