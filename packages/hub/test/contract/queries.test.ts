/** Contract sections 14 and 15 over real collections: what a query sees, and in which order writers and listeners go. */
import { DanglingReferenceError, ref } from '@noy-db/hub'
import { describe, expect, it, vi } from 'vitest'
import { memory } from '../../src/memory.ts'
import { session } from '../../src/noydb/test-session.ts'

async function open() {
  const store = memory()
  const db = await session(store)
  return { store, db, vault: await db.openVault('v') }
}

describe('14.2 a query', () => {
  it('sees what a put or a get has brought into the cache, as a plain array', async () => {
    const { store, vault } = await open()
    await vault.collection('c').put('a', { n: 1 })
    expect(vault.collection('c').query().toArray()).toEqual([{ n: 1 }])
    const fresh = (await (await session(store)).openVault('v')).collection<{ n: number }>('c')
    expect(fresh.query().toArray()).toEqual([])
    await fresh.get('none')
    const rows = fresh.query().toArray()
    expect(Array.isArray(rows)).toBe(true)
    expect(rows).toEqual([{ n: 1 }])
  })

  it('filters, orders, skips, limits, then joins', async () => {
    const { vault } = await open()
    const clients = vault.collection('clients')
    for (const id of ['c1', 'c2']) await clients.put(id, { name: id })
    const invoices = vault.collection<{ n: number; client: string }>('invoices', {
      refs: { client: ref('clients', 'warn') },
    })
    const joinedTo = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    for (let n = 0; n < 6; n += 1)
      await invoices.put(`i${n}`, { n, client: n === 5 ? 'gone' : `c${(n % 2) + 1}` })
    const rows = invoices
      .query()
      .where('n', '>', 0)
      .orderBy('n', 'desc')
      .offset(1)
      .limit(2)
      .join<'who', { name: string }>('client', { as: 'who' })
      .toArray()
    expect(rows.map(({ n, who }) => [n, who?.name])).toEqual([
      [4, 'c1'],
      [3, 'c2'],
    ])
    expect(joinedTo).not.toHaveBeenCalled() // the row that refers to nothing was skipped before
    joinedTo.mockRestore()
  })

  it('joins to a target that was opened and not read as to an empty one', async () => {
    const { store, vault } = await open()
    await vault.collection('clients').put('c1', {})
    await vault.collection('invoices', { refs: { client: ref('clients') } }).put('i', { client: 'c1' })
    const later = await (await session(store)).openVault('v')
    const invoices = later.collection('invoices', { refs: { client: ref('clients') } })
    await invoices.list()
    const joined = invoices.query().join('client', { as: 'who' })
    expect(() => joined.toArray()).toThrow(/clients/)
    later.collection('clients')
    expect(() => joined.toArray()).toThrow(DanglingReferenceError)
    await later.collection('clients').list()
    expect(joined.toArray()).toEqual([{ client: 'c1', who: {} }])
    expect(await joined.run()).toEqual([{ client: 'c1', who: {} }])
  })
})

describe('15 events', () => {
  it('reach handlers in the order they came, of every vault of the instance, once per write', async () => {
    const { db, vault } = await open()
    const heard: string[] = []
    const first = ({ vault: name, id }: { vault: string; id: string }) => void heard.push(`1 ${name} ${id}`)
    db.on('change', first)
    db.on('change', ({ id }) => void heard.push(`2 ${id}`))
    await vault.collection('c').put('x', {})
    await (await db.openVault('w')).collection('c').put('y', {})
    expect(heard).toEqual(['1 v x', '2 x', '1 w y', '2 y'])
    db.off('change', () => undefined)
    db.off('change', first)
    await vault.collection('c').put('x', {})
    expect(heard.slice(4)).toEqual(['2 x'])
  })

  it('come while the write is not resolved, when the new value can be read already', async () => {
    const { db, vault } = await open()
    const collection = vault.collection('c')
    const read: Array<Promise<unknown>> = []
    let resolved = false
    db.on('change', ({ id }) => {
      expect(resolved).toBe(false)
      read.push(collection.get(id))
    })
    await collection.put('x', { n: 1 }).then(() => (resolved = true))
    expect(await Promise.all(read)).toEqual([{ n: 1 }])
  })

  it('after-hooks are awaited in order, after the event, with the events of every vault', async () => {
    const { db, vault } = await open()
    const heard: string[] = []
    db.onAfterWrite(async ({ vault: name }) => {
      await new Promise(setImmediate)
      heard.push(`hook of ${name}`)
    })
    db.onAfterWrite(({ docId }) => void heard.push(`second hook of ${docId}`))
    db.on('change', () => void heard.push('change'))
    await vault.collection('c').put('x', {})
    await (await db.openVault('w')).collection('c').put('y', {})
    expect(heard).toEqual([
      ...['change', 'hook of v', 'second hook of x'],
      ...['change', 'hook of w', 'second hook of y'],
    ])
  })
})
