import { describe, expect, it } from 'vitest'
import { generateULID, readPath, sha256Hex } from './ids.ts'

describe('generateULID', () => {
  it('is 26 characters, distinct and ascending', () => {
    const made = Array.from({ length: 1000 }, generateULID)
    expect(made.every((id) => /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id))).toBe(true)
    expect(new Set(made).size).toBe(1000)
    expect([...made].sort()).toEqual(made)
  })
})

describe('sha256Hex', () => {
  it('digests a view as the bytes it shows', async () => {
    const bytes = new TextEncoder().encode('xabcx')
    expect(await sha256Hex(bytes.subarray(1, 4))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
  })
})

describe('readPath', () => {
  it('reads own members only', () => {
    const record = { a: { b: [1, { c: 2 }] }, constructor: 'mine' }
    expect(readPath(record, 'a.b.1.c')).toBe(2)
    expect(readPath(record, 'constructor')).toBe('mine')
    expect(readPath(record, 'a.constructor')).toBeUndefined()
    expect(readPath(record, 'a.__proto__')).toBeUndefined()
    expect(readPath(record, 'a.x.y')).toBeUndefined()
    expect(readPath(null, 'a')).toBeUndefined()
  })
})
