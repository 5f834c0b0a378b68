import { describe, expect, it } from 'vitest'
import { PartitionExtractionError } from '../errors.ts'
import { memory } from '../memory.ts'
import type { RefDescriptor } from '../types/schema.ts'
import { readClosure, walkClosure } from './closure.ts'
import { ClosureRecords } from './closure-records.ts'
import type { PartitionVault } from './partition-vault.ts'

type Rows = Record<string, ReadonlyArray<Record<string, unknown>>>
type Refs = Record<string, Record<string, string>>

/** Records by collection, keyed by `key ?? id`, and which field points where. */
function vaultOf(rows: Rows, refs: Refs = {}): PartitionVault {
  const getOutbound = (collection: string): Record<string, RefDescriptor> =>
    Object.fromEntries(
      Object.entries(refs[collection] ?? {}).map(([field, target]) => [field, { target, mode: 'strict' }]),
    )
  const getInbound = (target: string) =>
    Object.entries(refs).flatMap(([collection, fields]) =>
      Object.entries(fields).flatMap(([field, to]) =>
        to === target ? [{ collection, field, mode: 'strict' as const }] : [],
      ),
    )
  const entries = (name: string) =>
    (rows[name] ?? []).map((record) => ({
      id: String(record['key'] ?? record['id']),
      record,
      metadata: { version: 1, timestamp: '' },
    }))
  return {
    // The fixture's records serve as any T the walk asks for.
    collection: (name: string) => ({
      entries: async () => entries(name) as never,
      entry: async (id: string) => (entries(name).find((one) => one.id === id) ?? null) as never,
    }),
    _drainPendingSchemaWrites: async () => undefined,
    _introspectState: () => ({
      adapter: memory(),
      name: 'v',
      userId: 'u',
      role: 'owner',
      refRegistry: { getOutbound, getInbound },
      getDEK: async () => null,
      openEnvelope: () => null,
    }),
  }
}

const only = (id: string) => (record: Record<string, unknown>) => record['id'] === id
const plain = (closure: Map<string, Set<string>>): Record<string, string[]> =>
  Object.fromEntries([...closure].map(([name, ids]) => [name, [...ids].sort()]))

const books: Rows = {
  clients: [
    { id: 'c1', group: 'g1' },
    { id: 'c2', group: 'g1' },
  ],
  groups: [{ id: 'g1' }],
  invoices: [
    { id: 'i1', clientId: 'c1', itemId: 'p1' },
    { id: 'i2', clientId: 'c2' },
    { id: 'i3', clientId: 'c1', itemId: 7 },
  ],
  lines: [
    { id: 'l1', invoiceId: 'i1' },
    { id: 'l2', invoiceId: 'i2' },
  ],
  items: [{ id: 'p1' }, { id: '7', key: 7 }],
}
const bookRefs: Refs = {
  clients: { group: 'groups' },
  invoices: { clientId: 'clients', itemId: 'items' },
  lines: { invoiceId: 'invoices' },
}

describe('walkClosure', () => {
  it('takes what refers to the seeds, and what that refers to, but not what else refers to it', async () => {
    const { closure, graph } = await walkClosure(vaultOf(books, bookRefs), { seeds: { clients: only('c1') } })
    expect(plain(closure)).toEqual({
      clients: ['c1'],
      invoices: ['i1', 'i3'],
      lines: ['l1'],
      groups: ['g1'],
      items: ['7', 'p1'],
    })
    expect([...closure.keys()]).toEqual(['clients', 'invoices', 'lines', 'groups', 'items'])
    expect(graph).toEqual({ depth: 2, cyclesDetected: false })
  })

  it('has no entry for a collection of which nothing was taken', async () => {
    const { closure } = await walkClosure(vaultOf(books, bookRefs), {
      seeds: { items: () => false, groups: () => false },
    })
    expect(closure.size).toBe(0)
    expect(closure.get('items')).toBeUndefined()
  })

  it('awaits predicates', async () => {
    const { closure } = await walkClosure(vaultOf(books), {
      seeds: { clients: async (one) => one['id'] === 'c2' },
    })
    expect(plain(closure)).toEqual({ clients: ['c2'] })
  })

  it('allows depth 0 exactly when no step adds anything, in either direction', async () => {
    const seeds = { clients: only('c1') }
    await expect(walkClosure(vaultOf(books), { seeds, maxDepth: 0 })).resolves.toMatchObject({
      graph: { depth: 0 },
    })
    const inbound = vaultOf(books, { invoices: { clientId: 'clients' } })
    await expect(walkClosure(inbound, { seeds, maxDepth: 0 })).rejects.toThrow(PartitionExtractionError)
    const outbound = vaultOf(books, { clients: { group: 'groups' } })
    await expect(walkClosure(outbound, { seeds, maxDepth: 0 })).rejects.toThrow(PartitionExtractionError)
    const all = { ...seeds, invoices: () => true, clients: () => true }
    await expect(walkClosure(inbound, { seeds: all, maxDepth: 0 })).resolves.toBeDefined()
  })

  it('counts the steps of each direction by itself', async () => {
    const chain: Rows = { n: [{ id: 'a' }, { id: 'b', up: 'a' }, { id: 'c', up: 'b' }, { id: 'd', up: 'c' }] }
    const vault = vaultOf(chain, { n: { up: 'n' } })
    await expect(walkClosure(vault, { seeds: { n: only('a') }, maxDepth: 3 })).resolves.toBeDefined()
    await expect(walkClosure(vault, { seeds: { n: only('a') }, maxDepth: 2 })).rejects.toThrow(
      PartitionExtractionError,
    )
    expect(plain((await walkClosure(vault, { seeds: { n: only('d') } })).closure)).toEqual({
      n: ['a', 'b', 'c', 'd'],
    })
  })

  it('ends on a cycle and says so', async () => {
    const ring: Rows = {
      n: [
        { id: 'a', up: 'c' },
        { id: 'b', up: 'a' },
        { id: 'c', up: 'b' },
      ],
    }
    const { closure, graph } = await walkClosure(vaultOf(ring, { n: { up: 'n' } }), {
      seeds: { n: only('a') },
    })
    expect(plain(closure)).toEqual({ n: ['a', 'b', 'c'] })
    expect(graph.cyclesDetected).toBe(true)
  })

  it('takes the id of a missing target, and no key that is neither text nor number', async () => {
    const rows: Rows = {
      a: [
        { id: 'x', to: 'gone' },
        { id: 'y', to: null },
        { id: 'z', to: { id: 'q' } },
      ],
    }
    const { closure } = await walkClosure(vaultOf(rows, { a: { to: 'b' } }), { seeds: { a: () => true } })
    expect(plain(closure)).toEqual({ a: ['x', 'y', 'z'], b: ['gone'] })
  })

  it('goes by the storage id where the body has none', async () => {
    const vault = vaultOf({ a: [{ key: 'k' }] })
    const { closure } = await walkClosure(vault, { seeds: { a: (_record, id) => id === 'k' } })
    expect(plain(closure)).toEqual({ a: ['k'] })
  })

  it('refuses a seed whose body has an id that is not text', async () => {
    for (const id of [7, null, {}]) {
      const vault = vaultOf({ a: [{ key: 'k', id }] })
      await expect(walkClosure(vault, { seeds: { a: () => true } })).rejects.toThrow(PartitionExtractionError)
    }
  })

  it('takes more seeds by id, and leaves out those that are not there', async () => {
    const seedIds = new Map([
      ['clients', ['c2', 'gone']],
      ['items', ['p1']],
    ])
    const { closure } = await walkClosure(vaultOf(books, bookRefs), {
      seeds: { clients: only('c1') },
      seedIds,
    })
    expect(plain(closure)['clients']).toEqual(['c1', 'c2'])
    expect(plain(closure)['items']).toEqual(['7', 'p1'])
    await expect(
      walkClosure(vaultOf({ a: [{ key: 'k', id: 7 }] }), { seeds: {}, seedIds: new Map([['a', ['k']]]) }),
    ).rejects.toThrow(PartitionExtractionError)
  })

  it('goes on over the records it has read', async () => {
    const rows = { a: [{ id: 'x', to: 'p' }], b: [{ id: 'p', n: 1 }] }
    const vault = vaultOf(rows, { a: { to: 'b' } })
    const records = new ClosureRecords(vault)
    await readClosure(vault, { seeds: { a: () => true } }, records)
    rows.b = [
      { id: 'p', n: 2 },
      { id: 'q', n: 3 },
    ]
    const later = await readClosure(vault, { seeds: { b: () => true } }, records)
    expect((await later.records.entry('b', 'p'))?.record).toEqual({ id: 'p', n: 1 })
    expect(plain(later.closure)).toEqual({ a: ['x'], b: ['p', 'q'] })
  })
})
