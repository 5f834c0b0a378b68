import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fill, openOffice } from '../fixture-office.ts'
import { openBilling, toClients, toInvoices, toItems } from './fixture-firm.ts'
import type { CrossVaultClosurePlan, CrossVaultRef } from './types.ts'
import { walkCrossVaultClosure } from './walk.ts'

const only = (id: string) => (record: Record<string, unknown>) => record['id'] === id
const seedOf = (id: string) => ({ vault: 'books', seeds: { invoices: only(id) } })

const plain = ({ perVaultClosure }: CrossVaultClosurePlan): Record<string, Record<string, string[]>> =>
  Object.fromEntries(
    [...perVaultClosure].map(([vault, closure]) => [
      vault,
      Object.fromEntries([...closure].map(([name, ids]) => [name, [...ids].sort()])),
    ]),
  )

describe('a walk over several vaults', () => {
  it('refuses a target that goes by another field before anything is opened', async () => {
    const byName: CrossVaultRef = { ...toClients, to: { ...toClients.to, field: 'name' } }
    const open = () => Promise.reject(new Error('opened'))
    await expect(
      walkCrossVaultClosure(open, { seed: seedOf('i1'), crossVaultRefs: [toClients, byName] }),
    ).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
    for (const maxDepth of [-1, 0.5, Number.NaN]) {
      await expect(walkCrossVaultClosure(open, { seed: seedOf('i1'), maxDepth })).rejects.toMatchObject({
        code: 'VALIDATION_ERROR',
      })
    }
  })

  it('takes what refers to the seeds in their vault, and what those refer to in others, primary first', async () => {
    const { open } = await openBilling()
    const plan = await walkCrossVaultClosure(open, {
      seed: seedOf('i1'),
      crossVaultRefs: [toClients, toItems],
    })
    expect(plain(plan)).toEqual({
      books: { invoices: ['i1'], payments: ['y1'] },
      directory: { clients: ['c1'], contacts: ['k1'] },
      stock: { items: ['7', 'p1'] },
    })
    expect([...plan.perVaultClosure.keys()]).toEqual(['books', 'directory', 'stock'])
    expect(plan.dangling).toEqual([])
  })

  it('reads ids out of lists, at nested places, and none out of blank fields', async () => {
    const { open } = await openBilling()
    const all = { vault: 'books', seeds: { invoices: () => true } }
    const plan = await walkCrossVaultClosure(open, { seed: all, crossVaultRefs: [toClients, toItems] })
    expect(plain(plan)['directory']?.['clients']).toEqual(['c1', 'c2', 'c3'])
    expect(plan.dangling).toEqual([])
  })

  it('a member with dots in its name comes before the path it spells', async () => {
    const db = await openOffice('ada')
    await fill(db, 'a', { x: { one: { 'to.b': 'yes', to: { b: 'no' } } } })
    await fill(db, 'b', { y: { yes: {}, no: {} } })
    const plan = await walkCrossVaultClosure((name) => db.openVault(name, { create: false }), {
      seed: { vault: 'a', seeds: { x: () => true } },
      crossVaultRefs: [{ from: { collection: 'x', field: 'to.b' }, to: { vault: 'b', collection: 'y' } }],
    })
    expect(plain(plan)['b']).toEqual({ y: ['yes'] })
  })

  it('holds for one vault where the reference names it', async () => {
    const { db, open } = await openBilling()
    await fill(db, 'directory', { invoices: { d1: { clientId: 'c4' } } })
    const seed = { vault: 'directory', seeds: { invoices: () => true } }
    const [wide, narrow] = await Promise.all(
      [toClients, { ...toClients, from: { ...toClients.from, vault: 'books' } }].map((ref) =>
        walkCrossVaultClosure(open, { seed, crossVaultRefs: [ref] }),
      ),
    )
    expect(plain(wide!)['directory']).toMatchObject({ invoices: ['d1'], clients: ['c4'] })
    expect(plain(narrow!)['directory']).toEqual({ invoices: ['d1'] })
  })

  it('adds to the seeds of the primary vault what refers back to it, and loses none of them', async () => {
    const { open } = await openBilling()
    const plan = await walkCrossVaultClosure(open, {
      seed: seedOf('i1'),
      crossVaultRefs: [toClients, toInvoices],
    })
    // i2 comes by way of the contact of c1, and brings its own client and payment.
    expect(plain(plan)).toEqual({
      books: { invoices: ['i1', 'i2'], payments: ['y1', 'y2'] },
      directory: { clients: ['c1', 'c2'], contacts: ['k1'] },
    })
    const chosen = plan.perVaultSeeds.get('books')?.['invoices']
    const isChosen = async (id: string) => (await chosen?.({ id }, id)) === true
    expect([await isChosen('i1'), await isChosen('i2'), await isChosen('i3')]).toEqual([true, true, false])
  })

  it('asks the caller once about each record, and reads each vault once', async () => {
    const { open } = await openBilling()
    let asked = 0
    let opened = 0
    const seeds = { invoices: (record: Record<string, unknown>) => (asked++, record['id'] === 'i1') }
    await walkCrossVaultClosure((name) => (opened++, open(name)), {
      seed: { vault: 'books', seeds },
      crossVaultRefs: [toClients, toInvoices],
    })
    expect({ asked, opened }).toEqual({ asked: 4, opened: 2 })
  })

  it('lists what is not there, once', async () => {
    const { db, open } = await openBilling()
    await fill(db, 'books', { invoices: { i1: { clientId: ['gone', 'gone', 'c1'] } } })
    const gone = await walkCrossVaultClosure(open, { seed: seedOf('i1'), crossVaultRefs: [toClients] })
    expect(gone.dangling).toEqual([{ vault: 'directory', collection: 'clients', id: 'gone' }])
    expect(plain(gone)['directory']?.['clients']).toEqual(['c1'])
  })

  it('walks the primary vault and one round for each hop, and no further', async () => {
    const db = await openOffice('ada')
    for (const at of [0, 1, 2, 3]) await fill(db, `v${at}`, { x: { only: { next: 'only' } } })
    const refs = [0, 1, 2].map((at) => ({
      from: { collection: 'x', field: 'next', vault: `v${at}` },
      to: { vault: `v${at + 1}`, collection: 'x' },
    }))
    const walk = (maxDepth?: number) =>
      walkCrossVaultClosure((name) => db.openVault(name, { create: false }), {
        seed: { vault: 'v0', seeds: { x: () => true } },
        crossVaultRefs: refs,
        ...(maxDepth !== undefined && { maxDepth }),
      })
    const reached = async (maxDepth?: number) => [...(await walk(maxDepth)).perVaultClosure.keys()]
    expect(await reached()).toEqual(['v0', 'v1', 'v2', 'v3'])
    expect(await reached(3)).toEqual(['v0', 'v1', 'v2', 'v3'])
    expect(await reached(1)).toEqual(['v0', 'v1'])
    expect((await walk(1)).dangling).toEqual([{ vault: 'v2', collection: 'x', id: 'only' }])
    expect((await walk(0)).dangling).toEqual([{ vault: 'v1', collection: 'x', id: 'only' }])
  })

  it('stops when asked', async () => {
    const { open } = await openBilling()
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(walkCrossVaultClosure(open, { seed: seedOf('i1'), signal })).rejects.toThrow('enough')
  })
})

const ids = ['a', 'b', 'c', 'd']
const names = ['v0', 'v1', 'v2']
/** Vault -> record id -> vault and id it refers to. */
const graph = fc.array(fc.record({ vault: fc.nat(2), id: fc.nat(3), to: fc.nat(2), target: fc.nat(3) }), {
  maxLength: 14,
})

describe('any graph of references', () => {
  it('gives what following them one by one gives', async () => {
    await fc.assert(
      fc.asyncProperty(graph, fc.nat(3), async (edges, start) => {
        const db = await openOffice('ada')
        for (const vault of names) {
          const rows = ids.map((id) => [id, Object.fromEntries(fieldsOf(edges, vault, id))] as const)
          await fill(db, vault, { x: Object.fromEntries(rows) })
        }
        const refs = names.flatMap((from) =>
          names.map((to) => ({
            from: { collection: 'x', field: to, vault: from },
            to: { vault: to, collection: 'x' },
          })),
        )
        const plan = await walkCrossVaultClosure((name) => db.openVault(name, { create: false }), {
          seed: { vault: 'v0', seeds: { x: only(ids[start] ?? '') } },
          crossVaultRefs: refs,
        })
        const found = Object.entries(plain(plan)).flatMap(([vault, { x = [] }]) =>
          x.map((id) => `${vault}/${id}`),
        )
        expect(found.sort()).toEqual(reachable(edges, `v0/${ids[start]}`))
      }),
      { numRuns: 25 },
    )
  })
})

interface Edge {
  readonly vault: number
  readonly id: number
  readonly to: number
  readonly target: number
}

function fieldsOf(edges: readonly Edge[], vault: string, id: string): [string, string[]][] {
  const own = edges.filter((edge) => names[edge.vault] === vault && ids[edge.id] === id)
  return names.map((to) => [
    to,
    own.filter((edge) => names[edge.to] === to).map(({ target }) => ids[target] ?? ''),
  ])
}

function reachable(edges: readonly Edge[], start: string): string[] {
  const found = new Set([start])
  for (const place of found) {
    for (const { vault, id, to, target } of edges) {
      if (`${names[vault]}/${ids[id]}` === place) found.add(`${names[to]}/${ids[target]}`)
    }
  }
  return [...found].sort()
}
