import { describe, expect, it } from 'vitest'
import { DecryptionError } from '../errors.ts'
import { newKey, open, openBytes, seal, sealBytes } from './aead.ts'
import { RowCodec } from './row-codec.ts'

/** Around what fits the block that is used again and again: as text, as base64, as ciphertext with its tag. */
const lengths = [0, 1, 2_730, 2_731, 6_143, 6_144, 8_175, 8_176, 8_177, 20_000]
const texts = lengths.flatMap((length) => ['a'.repeat(length), 'ж'.repeat(length)])
const key = newKey()

describe('sealed text', () => {
  it('opens again at every length', () => {
    for (const text of texts) expect(open(key, seal(key, text)).toString()).toBe(text)
  })

  it('is not touched by what is sealed or opened after it', () => {
    const sealed = texts.map((text) => seal(key, text, Buffer.from('here')))
    const opened = sealed.toReversed().map((one) => open(key, one, Buffer.from('here')))
    expect(opened.map(String)).toEqual(texts.toReversed())
  })

  it('has the same layout as sealed bytes', () => {
    const { iv, data } = seal(key, 'twelve and sixteen', Buffer.from('here'))
    const bytes = Buffer.concat([Buffer.from(iv, 'base64'), Buffer.from(data, 'base64')])
    expect(String(openBytes(key, bytes, Buffer.from('here')))).toBe('twelve and sixteen')
    expect(sealBytes(key, 'twelve and sixteen')).toHaveLength(12 + 18 + 16)
  })

  it('never has an initialisation vector twice', () => {
    const ivs = Array.from({ length: 2_000 }, () => seal(key, '').iv)
    expect(new Set(ivs).size).toBe(ivs.length)
  })

  it.each(['iv', 'data'] as const)('is refused with another %s', (member) => {
    const [one, other] = [seal(key, 'one'), seal(key, 'two')]
    expect(() => open(key, { ...one, [member]: other[member] })).toThrow(DecryptionError)
    expect(() => open(key, { ...one, [member]: '' })).toThrow(DecryptionError)
  })
})

it('rows with ids of any length keep their place', () => {
  const codec = new RowCodec('01ARZ3NDEKTSV4RRFFQ69G5FAV')
  const rows = lengths.map((length) => {
    const address = { collection: 'invoices', id: `i${'d'.repeat(length)}` }
    const clear = { version: 1, ts: '2026-01-01T00:00:00.000Z' }
    return { address, envelope: codec.seal(key, address, clear, address.id) }
  })
  for (const { address, envelope } of rows) expect(codec.open(key, address, envelope)).toBe(address.id)
  const [first, second] = rows
  expect(() => codec.open(key, first!.address, second!.envelope)).toThrow('was changed, moved or re-dated')
})
