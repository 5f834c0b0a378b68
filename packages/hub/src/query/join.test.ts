import { afterEach, describe, expect, it, vi } from 'vitest'
import { DanglingReferenceError, JoinTooLargeError, ValidationError } from '../errors.ts'
import type { RefMode } from '../types/schema.ts'
import { fixtureSource, type FixtureSource } from './fixture-source.ts'
import { Query } from './query.ts'

interface Invoice {
  id: string
  clientId?: string | number | null
}

const clients = [
  { id: 'c1', name: 'Rossi' },
  { id: '7', name: 'Bianchi' },
]

function setUp(
  rows: Invoice[],
  mode: RefMode,
  isLarge = false,
): { left: FixtureSource<Invoice>; query: Query<Invoice> } {
  const right = fixtureSource(clients, { name: 'clients', isLarge })
  right.hydrated = true
  const left = fixtureSource(rows, {
    refs: { clientId: { target: 'clients', mode } },
    others: { clients: right },
  })
  left.hydrated = true
  return { left, query: new Query<Invoice>(left) }
}

afterEach(() => vi.restoreAllMocks())

describe('join', () => {
  it.each(['nested', 'hash'] as const)('attaches the record pointed at, by %s', (strategy) => {
    const { query } = setUp(
      [
        { id: 'a', clientId: 'c1' },
        { id: 'b', clientId: 7 },
        { id: 'c', clientId: null },
      ],
      'strict',
    )
    const rows = query.join<'client', { name: string }>('clientId', { as: 'client', strategy }).toArray()
    expect(rows.map((row) => row.client?.name ?? null)).toEqual(['Rossi', 'Bianchi', null])
  })

  it('by hash finds the id in the body, and nothing where there is none', () => {
    const right = fixtureSource(clients, { name: 'clients' })
    right.hydrated = true
    right.rows = [
      { id: 'stored', record: { id: 'c1', name: 'Rossi' } },
      { id: 'other', record: { name: 'Verdi' } as never }, // a body without an id is legal
    ]
    const left = fixtureSource<Invoice>(
      [
        { id: 'a', clientId: 'c1' },
        { id: 'b', clientId: '' },
      ],
      { refs: { clientId: { target: 'clients', mode: 'cascade' } }, others: { clients: right } },
    )
    left.hydrated = true
    const query = new Query<Invoice>(left)
    const joined = query.join<'client', { name: string }>('clientId', { as: 'client', strategy: 'hash' })
    expect(joined.toArray().map((row) => row.client?.name ?? null)).toEqual(['Rossi', null])
    expect(joined.count()).toBe(2)
  })

  it('chains from left to right', () => {
    const right = fixtureSource(clients, { name: 'clients' })
    right.hydrated = true
    const refs = {
      clientId: { target: 'clients', mode: 'warn' },
      payerId: { target: 'clients', mode: 'warn' },
    } as const
    const left = fixtureSource([{ id: 'a', clientId: 'c1', payerId: '7' }], {
      refs,
      others: { clients: right },
    })
    left.hydrated = true
    const rows = new Query(left).join('clientId', { as: 'client' }).join('payerId', { as: 'payer' }).toArray()
    expect(rows).toEqual([{ id: 'a', clientId: 'c1', payerId: '7', client: clients[0], payer: clients[1] }])
  })

  it('does not change the cached rows', () => {
    const { left, query } = setUp([{ id: 'a', clientId: 'c1' }], 'strict')
    query.join('clientId', { as: 'client' }).toArray()
    expect(left.rows[0]?.record).toEqual({ id: 'a', clientId: 'c1' })
  })

  it('treats a missing target as the reference mode says', () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined)
    const gone = [
      { id: 'a', clientId: 'x' },
      { id: 'b', clientId: 'x' },
    ]
    expect(() => setUp(gone, 'strict').query.join('clientId', { as: 'client' }).toArray()).toThrow(
      DanglingReferenceError,
    )
    expect(setUp(gone, 'cascade').query.join('clientId', { as: 'client' }).toArray()[1]?.client).toBeNull()
    expect(warn).not.toHaveBeenCalled()
    const warning = setUp(gone, 'warn').query.join('clientId', { as: 'client' })
    expect(warning.toArray()[0]?.client).toBeNull()
    warning.toArray()
    expect(warn).toHaveBeenCalledTimes(1)
  })

  it('fails at once without a reference, and when run without an opened target', () => {
    const { query, left } = setUp([], 'strict')
    expect(() => query.join('id', { as: 'client' })).toThrow(ValidationError)
    left.rightSide = () => null
    expect(() => query.join('clientId', { as: 'client' }).toArray()).toThrow(/Open the collection "clients"/)
  })

  it('refuses too many rows on either side and warns when near', () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined)
    const rows = ['a', 'b', 'c'].map((id) => ({ id, clientId: 'c1' }))
    const tooLarge = (maxRows: number, from: Invoice[]): unknown => {
      try {
        return setUp(from, 'strict').query.join('clientId', { as: 'client', maxRows }).toArray()
      } catch (error) {
        return error instanceof JoinTooLargeError ? error.side : error
      }
    }
    expect(tooLarge(2, rows)).toBe('left')
    expect(tooLarge(1, rows.slice(0, 1))).toBe('right')
    expect(warn).toHaveBeenCalled()
  })

  it('joins a large target through the asynchronous terminals only', async () => {
    const { query } = setUp([{ id: 'a', clientId: 'c1' }], 'strict', true)
    const joined = query.join<'client', { name: string }>('clientId', { as: 'client' })
    expect(() => joined.toArray()).toThrow(ValidationError)
    expect((await joined.run())[0]?.client?.name).toBe('Rossi')
    await expect(query.join('clientId', { as: 'client', maxRows: 1 }).run()).rejects.toThrow(
      JoinTooLargeError,
    )
  })
})
