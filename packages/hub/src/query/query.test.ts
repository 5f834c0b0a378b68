import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { ValidationError } from '../errors.ts'
import type { Operator } from '../types/query.ts'
import { fixtureSource } from './fixture-source.ts'
import { Query } from './query.ts'

interface Invoice {
  id: string
  net?: number | null
  client?: { name: string }
  tags?: string[]
  due?: Date
}

const invoices: Invoice[] = [
  { id: 'a', net: 30, client: { name: 'Rossi' }, tags: ['paid'], due: new Date('2025-01-10') },
  { id: 'b', net: 10, client: { name: 'Bianchi' }, tags: [], due: new Date('2025-03-01') },
  { id: 'c', net: 20, client: { name: 'Rossi' } },
  { id: 'd', net: null },
]

function query(): Query<Invoice> {
  const source = fixtureSource(invoices)
  source.hydrated = true
  return new Query<Invoice>(source)
}

const ids = (rows: readonly { id: string }[]): string => rows.map((row) => row.id).join('')

describe('where', () => {
  it.each<[string, Operator, unknown, string]>([
    ['net', '==', 10, 'b'],
    ['net', '==', '10', ''],
    ['net', '!=', 10, 'acd'],
    ['net', '<', 20, 'b'],
    ['net', '<=', 20, 'bc'],
    ['net', '>', 20, 'a'],
    ['net', '>=', 20, 'ac'],
    ['net', '>', '5', ''],
    ['due', '>', new Date('2025-02-01'), 'b'],
    ['id', 'in', ['a', 'd'], 'ad'],
    ['id', 'in', 'abcd', ''],
    ['client.name', 'contains', 'oss', 'ac'],
    ['tags', 'contains', 'paid', 'a'],
    ['client.name', 'startsWith', 'Bi', 'b'],
    ['net', 'startsWith', '1', ''],
    ['net', 'between', [10, 20], 'bc'],
    ['net', 'between', [10], ''],
    ['client.constructor.name', '==', 'Object', ''],
  ])('%s %s %j', (field, op, value, expected) => {
    expect(ids(query().where(field, op, value).toArray())).toBe(expected)
  })

  it('refuses an operator that is none, inherited names included', () => {
    for (const op of ['like', 'constructor', 'toString']) {
      expect(() => query().where('id', op as Operator, 1)).toThrow(ValidationError)
    }
  })

  it('joins several conditions with and; a group of or stands beside them', () => {
    const rossi = query().where('client.name', '==', 'Rossi')
    expect(ids(rossi.where('net', '>', 20).toArray())).toBe('a')
    expect(ids(rossi.or((q) => q.where('net', '==', 20).where('net', '==', 10)).toArray())).toBe('c')
    expect(
      ids(
        query()
          .and((q) => q.where('net', '>', 5).where('net', '<', 15))
          .toArray(),
      ),
    ).toBe('b')
    expect(ids(rossi.filter((row) => row.tags !== undefined).toArray())).toBe('a')
  })

  it('is immutable', () => {
    const all = query()
    all.where('id', '==', 'a').limit(1)
    expect(all.toArray()).toHaveLength(4)
  })
})

describe('order, offset, limit', () => {
  it('orders with nullish last, and first when descending', () => {
    expect(ids(query().orderBy('net').toArray())).toBe('bcad')
    expect(ids(query().orderBy('net', 'desc').toArray())).toBe('dacb')
  })

  it('breaks ties by the next order, and keeps the order of values that cannot be compared', () => {
    expect(ids(query().orderBy('client.name').orderBy('net').toArray())).toBe('bcad')
    expect(ids(query().orderBy('tags').toArray())).toBe('abcd')
  })

  it('cuts after ordering; count does not cut', () => {
    const cut = query().orderBy('net').offset(1).limit(2)
    expect(ids(cut.toArray())).toBe('ca')
    expect(cut.count()).toBe(4)
    expect(cut.first()?.id).toBe('c')
    expect(query().limit(0).first()).toBeNull()
    expect(() => query().limit(-1)).toThrow(ValidationError)
    expect(() => query().offset(1.5)).toThrow(ValidationError)
  })

  it('equals filter, sort and slice of plain arrays', () => {
    const rows = fc.array(fc.record({ net: fc.integer({ min: 0, max: 20 }) }))
    fc.assert(
      fc.property(rows, fc.nat(20), fc.nat(5), fc.nat(5), (plain, above, offset, limit) => {
        const records = plain.map((row, at) => ({ id: String(at), ...row }))
        const source = fixtureSource(records)
        source.hydrated = true
        const got = new Query(source)
          .where('net', '>=', above)
          .orderBy('net')
          .offset(offset)
          .limit(limit)
          .toArray()
        const sorted = records.filter((row) => row.net >= above).sort((left, right) => left.net - right.net)
        expect(got).toEqual(sorted.slice(offset, offset + limit))
      }),
    )
  })
})

describe('terminals', () => {
  it('reads the cache as it is: nothing before hydration', async () => {
    const source = fixtureSource(invoices)
    const all = new Query<Invoice>(source)
    expect(all.toArray()).toEqual([])
    expect(ids(await all.run())).toBe('abcd')
    expect(ids(all.toArray())).toBe('abcd')
  })

  it('refuses the synchronous terminals on a large collection, in words that say what to do', () => {
    const large = new Query<Invoice>(fixtureSource(invoices, { isLarge: true }))
    for (const call of [
      () => large.toArray(),
      () => large.first(),
      () => large.count(),
      () => large.live(),
      () => large.subscribe(() => undefined),
    ]) {
      expect(call).toThrow(ValidationError)
      expect(call).toThrow(/large.*await query\.run\(\)/)
    }
  })

  it.each([true, false])('answers run and stream (large: %s)', async (isLarge) => {
    const q = new Query<Invoice>(fixtureSource(invoices, { isLarge }))
    expect(ids(await q.where('net', '>=', 10).offset(1).limit(1).run())).toBe('b')
    expect(ids(await q.orderBy('net').limit(2).run())).toBe('bc')
    const seen: string[] = []
    for await (const row of q.where('net', '!=', 10).stream()) seen.push(row.id)
    expect(seen.join('')).toBe('acd')
    expect(await q.limit(0).run()).toEqual([])
  })

  it.each([true, false])('gives rows with their storage ids in chunks (large: %s)', async (isLarge) => {
    const many = Array.from({ length: 1_200 }, (_, net) => ({ id: `${net}`, net }))
    const source = new Query<{ net: number }>(fixtureSource(many, { isLarge })).where('net', '>=', 100)
    const sizes: number[] = []
    const found: string[] = []
    for await (const chunk of source.chunks()) {
      sizes.push(chunk.length)
      found.push(...chunk.map(({ id }) => id))
    }
    expect(sizes).toEqual(isLarge ? [500, 500, 100] : [1_100])
    expect(found).toEqual(many.slice(100).map(({ id }) => id))
  })

  it('stops reading a large collection at the limit', async () => {
    const source = fixtureSource(invoices, { isLarge: true })
    let read = 0
    source.scan = async function* () {
      for (const row of source.rows) {
        read += 1
        yield row
      }
    }
    await new Query<Invoice>(source).limit(2).run()
    expect(read).toBe(2)
  })
})

describe('live and subscribe', () => {
  it('follows changes and keeps the last value when computing fails', () => {
    const source = fixtureSource(invoices.slice(0, 1))
    source.hydrated = true
    let fail = false
    const live = new Query<Invoice>(source)
      .filter(() => {
        if (fail) throw new Error('no')
        return true
      })
      .live()
    const seen: string[] = []
    live.subscribe(() => seen.push(`${ids(live.value)}:${live.error?.message ?? ''}`))
    source.rows = [...source.rows, { id: 'z', record: { id: 'z' } }]
    source.change()
    fail = true
    source.change()
    live.stop()
    live.stop()
    source.change()
    expect(seen).toEqual(['az:', 'az:no'])
  })

  it('tells every listener, also when one fails or stops the query', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const source = fixtureSource(invoices)
    const live = new Query<Invoice>(source).live()
    const told: string[] = []
    live.subscribe(() => {
      throw new Error('listener')
    })
    live.subscribe(() => {
      told.push('second')
      live.stop()
    })
    live.subscribe(() => told.push('after the stop'))
    source.change()
    source.change()
    expect(told).toEqual(['second'])
    expect(warn).toHaveBeenCalledTimes(1)
    warn.mockRestore()
  })

  it('calls a subscriber at once and after each change', () => {
    const source = fixtureSource(invoices)
    source.hydrated = true
    const seen: number[] = []
    const stop = new Query<Invoice>(source).subscribe((rows) => seen.push(rows.length))
    source.change()
    stop()
    source.change()
    expect(seen).toEqual([4, 4])
  })
})
