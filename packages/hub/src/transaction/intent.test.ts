import { describe, expect, it } from 'vitest'
import { memory } from '../memory.ts'
import { bareStore, session } from '../noydb/test-session.ts'
import type { NoydbStore } from '../types/store.ts'

class Crash extends Error {}

/** A bare store that dies at its nth write after `arm(n)`, and stays dead. */
function dyingStore() {
  const inner = memory()
  const bare = bareStore(inner)
  let left = Infinity
  const step = (): void => {
    left -= 1
    if (left < 0) throw new Crash('the process died')
  }
  const store: NoydbStore = {
    ...bare,
    put: async (...args) => {
      step()
      return bare.put(...args)
    },
    delete: async (...args) => {
      step()
      return bare.delete(...args)
    },
  }
  return { store, survivor: bareStore(inner), inner, arm: (writes: number) => (left = writes) }
}

async function crashAfter(writes: number) {
  const { store, survivor, inner, arm } = dyingStore()
  const db = await session(store)
  const [a, b] = [await db.openVault('a'), await db.openVault('b')]
  await a.collection('c').put('x', { n: 1 })
  await b.collection('c').put('x', { n: 1 })
  arm(writes)
  const work = db.transaction((tx) => {
    tx.put(a, 'c', 'x', { n: 2 })
    tx.put(a, 'c', 'y', { n: 2 })
    tx.delete(b, 'c', 'x')
  })
  const outcome = await work.then(
    () => 'done',
    (error: unknown) => (error instanceof Crash ? 'died' : error),
  )
  return { survivor, inner, outcome }
}

async function state(store: NoydbStore, order: readonly string[]): Promise<string> {
  const found: Record<string, string> = {}
  for (const name of order) {
    const vault = await (await session(store)).openVault(name)
    found[name] = JSON.stringify(await vault.collection('c').list())
  }
  return `${found.a ?? ''} ${found.b ?? ''}`
}

const OLD = '[{"n":1}] [{"n":1}]'
const NEW = '[{"n":2},{"n":2}] []'

describe('a transaction on a store without tx', () => {
  it('is all or nothing wherever the process dies, whichever vault is opened first', async () => {
    const seen = new Set<string>()
    for (const order of [
      ['a', 'b'],
      ['b', 'a'],
    ]) {
      for (let writes = 0; writes < 12; writes += 1) {
        const { survivor, inner, outcome } = await crashAfter(writes)
        const after = await state(survivor, order)
        expect([OLD, NEW]).toContain(after)
        if (outcome === 'done') expect(after).toBe(NEW)
        // Opened once more, nothing is left to roll forward.
        expect(await state(survivor, order)).toBe(after)
        await state(survivor, ['a', 'b'])
        expect([...(await inner.list('a', '_tx')), ...(await inner.list('b', '_tx'))]).toEqual([])
        seen.add(`${String(outcome)} ${after}`)
      }
    }
    expect([...seen].sort()).toEqual([`died ${OLD}`, `died ${NEW}`, `done ${NEW}`].sort())
  })

  it('leaves rows alone that have moved on', async () => {
    const { survivor } = await crashAfter(2)
    const vault = await (await session(survivor)).openVault('a')
    await vault.collection('c').put('x', { n: 3 })
    expect(await (await (await session(survivor)).openVault('a')).collection('c').get('x')).toEqual({ n: 3 })
  })

  it('hides its intent from whoever reads the store', async () => {
    const inner = memory()
    const bare = bareStore(inner)
    const bodies: string[] = []
    const put: NoydbStore['put'] = (vault, collection, id, envelope, expected) => {
      if (collection === '_tx') bodies.push(JSON.stringify(envelope))
      return bare.put(vault, collection, id, envelope, expected)
    }
    const db = await session({ ...bare, put })
    const vault = await db.openVault('v')
    await db.transaction((tx) => {
      tx.put(vault, 'secret-name', 'x', { n: 1 })
      tx.put(vault, 'secret-name', 'y', { n: 1 })
    })
    expect(bodies).toHaveLength(1)
    expect(bodies[0]).not.toContain('secret-name')
  })
})
