import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Body } from '../import/types.ts'
import { fieldChanges, topLevelChanges } from './field-changes.ts'
import { jsonEquals } from '@noy-db/hub/kernel'
import { resolvePath, valueAt, withMember, withValueAt, ABSENT } from './record-path.ts'
import { mergeFields, mergeThreeWay } from './three-way.ts'

const line = fc.record({ id: fc.integer({ min: 1, max: 6 }), q: fc.integer({ min: 0, max: 3 }) })
const lines = fc.uniqueArray(line, { selector: ({ id }) => id, maxLength: 4 })
const body = fc.record(
  {
    a: fc.integer({ min: 0, max: 2 }),
    b: fc.oneof(fc.constant(null), fc.string({ maxLength: 2 })),
    'odd.name': fc.integer({ min: 0, max: 2 }),
    constructor: fc.integer({ min: 0, max: 2 }),
    o: fc.record(
      { x: fc.integer({ min: 0, max: 2 }), y: fc.integer({ min: 0, max: 2 }) },
      { requiredKeys: [] },
    ),
    lines,
  },
  { requiredKeys: [] },
)

describe('mergeThreeWay', () => {
  it('takes the changed side where the other did nothing', () => {
    fc.assert(
      fc.property(body, body, (base, changed) => {
        expect(mergeThreeWay(base, base, changed)).toEqual({ merged: changed, overlaps: [] })
        expect(mergeThreeWay(base, changed, base)).toEqual({ merged: changed, overlaps: [] })
        expect(mergeThreeWay(base, changed, changed)).toEqual({ merged: changed, overlaps: [] })
      }),
    )
  })

  it('ends with the same record on both sides when nothing overlaps', () => {
    fc.assert(
      fc.property(body, body, body, (base, left, right) => {
        const here = mergeThreeWay(base, left, right)
        const there = mergeThreeWay(base, right, left)
        expect(new Set(here.overlaps)).toEqual(new Set(there.overlaps))
        if (here.overlaps.length === 0) expect(jsonEquals(here.merged, there.merged)).toBe(true)
      }),
    )
  })

  it('agrees with the field list about who changed what', () => {
    fc.assert(
      fc.property(body, body, body, (base, ours, theirs) => {
        const both = fieldChanges(base, ours, theirs).filter(({ changedBy }) => changedBy === 'both')
        expect(both.length > 0).toBe(mergeThreeWay(base, ours, theirs).overlaps.length > 0)
      }),
    )
  })

  it('comes to the same where only the differing fields are looked at', () => {
    fc.assert(
      fc.property(body, body, body, (base, ours, theirs) => {
        const whole = mergeThreeWay(base, ours, theirs)
        const { merged, overlaps } = mergeFields(base, ours, theirs, topLevelChanges(ours, theirs))
        expect(new Set(overlaps)).toEqual(new Set(whole.overlaps))
        const fields: readonly [string, unknown][] = [...merged]
        const record = fields.reduce<Body>((all, [name, value]) => withMember(all, name, value), ours)
        expect(jsonEquals(record, whole.merged)).toBe(true)
      }),
    )
  })

  it('becomes theirs when every difference is picked from theirs', () => {
    fc.assert(
      fc.property(body, body, (ours, theirs) => {
        const changes = fieldChanges(null, ours, theirs)
        const result = changes.reduce<unknown>((record, { path }) => {
          const steps = resolvePath(path, [ours, theirs])
          return withValueAt(record, steps, valueAt(theirs, steps))
        }, ours)
        expect(
          fieldChanges(null, result as Record<string, unknown>, theirs).filter(
            ({ path }) => path !== 'lines',
          ),
        ).toEqual([])
      }),
    )
  })
})

describe('record paths', () => {
  it('never reaches a prototype', () => {
    expect(valueAt({}, resolvePath('constructor.name', [{}]))).toBe(ABSENT)
    expect(valueAt({}, resolvePath('__proto__.polluted', [{}]))).toBe(ABSENT)
  })

  it('keeps names with dots apart from nested ones', () => {
    const record = { 'a.b': 1, a: { b: 2 } }
    expect(valueAt(record, resolvePath('a\\.b', [record]))).toBe(1)
    expect(valueAt(record, resolvePath('a.b', [record]))).toBe(2)
  })
})
