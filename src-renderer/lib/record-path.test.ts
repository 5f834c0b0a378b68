import { describe, expect, it } from 'vitest'
import { sameValue, valueAt, withValue } from './record-path.ts'

const record = { number: '7', shipAddress: { city: 'Bern' }, lines: [{ quantity: '1' }, { quantity: '2' }] }

describe('record paths', () => {
  it('reads own members only', () => {
    expect(valueAt(record, 'shipAddress.city')).toBe('Bern')
    expect(valueAt(record, 'lines.1.quantity')).toBe('2')
    expect(valueAt(record, 'constructor.name')).toBeUndefined()
    expect(valueAt(record, 'number.length')).toBeUndefined()
  })

  it('replaces one value in a copy and keeps the order of members', () => {
    const changed = withValue(record, 'lines.0.quantity', '9')
    expect(changed).toEqual({ ...record, lines: [{ quantity: '9' }, { quantity: '2' }] })
    expect(Object.keys(changed)).toEqual(Object.keys(record))
    expect(record.lines[0]?.quantity).toBe('1')
  })

  it('makes what is missing on the way and takes an emptied member away', () => {
    expect(withValue({}, 'shipAddress.city', 'Bern')).toEqual({ shipAddress: { city: 'Bern' } })
    expect(withValue(record, 'number', null)).not.toHaveProperty('number')
  })

  it('takes an empty text, null and nothing for the same', () => {
    expect(sameValue({ notes: '' }, {})).toBe(true)
    expect(sameValue({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toBe(true)
    expect(sameValue({ a: [1] }, { a: [2] })).toBe(false)
  })
})
