import { describe, expect, it } from 'vitest'
import { decodeKeyFile, encodeKeyFile, keysFor } from './key-file.ts'

const container = new Uint8Array([1, 2, 3])
const keys = { h1: new Uint8Array(32).fill(7), h2: new Uint8Array(32).fill(9) }
const text = encodeKeyFile({ exchangeId: 'X1', container, keys, names: { h1: 'Acme' } })

describe('key file', () => {
  it('gives the keys back by compartment', () => {
    const file = decodeKeyFile(new TextEncoder().encode(text))
    expect(file).toMatchObject({
      noydbKeys: 1,
      exchangeId: 'X1',
      keys: [{ handle: 'h1', name: 'Acme' }, { handle: 'h2' }],
    })
    expect(keysFor(file, container)).toEqual(keys)
  })

  it('says when it belongs to another bundle', () => {
    expect(() => keysFor(decodeKeyFile(text), new Uint8Array([9]))).toThrow(
      expect.objectContaining({ code: 'KEY_OF_OTHER_BUNDLE' }),
    )
  })

  it.each([
    ['nothing', ''],
    ['half a file', text.slice(0, text.length / 2)],
    ['another letter in a key', text.replace('Bwc', 'Bwd')],
    ['a short key', text.replace(/"key": "..../, '"key": "')],
    ['an unknown member', text.replace('{', '{"more":1,')],
    ['a __proto__', text.replace('{', '{"__proto__":{},')],
  ])('refuses %s', (_what, broken) => {
    expect(() => decodeKeyFile(broken)).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }))
  })

  it('does not write a key that is none', () => {
    expect(() => encodeKeyFile({ exchangeId: 'X', container, keys: { h: new Uint8Array(5) } })).toThrow(
      expect.objectContaining({ code: 'KEY_INVALID' }),
    )
  })
})
