import { describe, expect, it } from 'vitest'
import { NoAccessError, TamperedError } from '../errors.ts'
import { memory } from '../memory.ts'
import { bareStore, contents, member, session } from '../noydb/test-session.ts'
import type { NoydbStore } from '../types/store.ts'
import type { VaultApi } from '../types/vault.ts'

const stores: Array<[string, () => { store: NoydbStore; inner: NoydbStore }]> = [
  [
    'memory',
    () => {
      const inner = memory()
      return { store: inner, inner }
    },
  ],
  [
    'a bare store',
    () => {
      const inner = memory()
      return { store: bareStore(inner), inner }
    },
  ],
]

const AUDITED = { history: true, audit: true } as const

/** Ann's vault with records, history, deletions, sidecars and an audit trail; vic reads all, olga what is listed. */
async function office(store: NoydbStore) {
  const ann = await session(store, AUDITED)
  const vault = await ann.openVault('v')
  for (const name of ['mine', 'secret']) {
    for (let n = 1; n <= 3; n += 1) await vault.collection(name).put('a/b', { n, of: name })
    await vault.collection(name).put('gone', { of: name })
    await vault.collection(name).delete('gone')
  }
  await ann.transaction((tx) => {
    tx.putSidecar(vault, '_conflicts', { collection: 'secret', key: 'k/1' }, { theirs: 1 })
    tx.putSidecar(vault, '_bases', { collection: 'mine', key: 'k' }, { base: 1 })
    tx.putSidecar(vault, '_imports', { key: 'i' }, { sum: 1 })
  })
  await ann.grant('v', member('vic', 'viewer'))
  await ann.grant('v', member('adam', 'admin'))
  await ann.grant('v', member('olga', 'operator', { permissions: { mine: 'rw' } }))
  return { ann, vault }
}

/** Everything a member may see. */
async function view(vault: VaultApi, names = ['mine', 'secret']) {
  const seen: unknown[] = []
  for (const name of names) {
    seen.push(await vault.collection(name).list())
    seen.push((await vault.collection(name).history('a/b')).map(({ record }) => record))
    seen.push((await vault.collection(name).history('gone')).map(({ record }) => record))
  }
  for (const name of ['_conflicts', '_bases', '_imports'])
    seen.push((await vault.sidecar(name).list()).map(({ row }) => row))
  return seen
}

const open = async (store: NoydbStore, user = 'ann') =>
  (await session(store, { user, ...AUDITED })).openVault('v', { create: false })

describe.each(stores)('a revocation on %s', (_name, makeStore) => {
  it('leaves everybody else what they had, and the trail whole', async () => {
    const { store } = makeStore()
    const { ann, vault } = await office(store)
    const [all, olgas] = [await view(vault), await view(await open(store, 'olga'), ['mine'])]
    await ann.revoke('v', { userId: 'vic' })
    for (const user of ['ann', 'adam']) expect(await view(await open(store, user))).toEqual(all)
    expect(await view(await open(store, 'olga'), ['mine'])).toEqual(olgas)
    await expect(open(store, 'vic')).rejects.toThrow(NoAccessError)
    expect(await store.get('v', '_keyring', 'vic')).toBeNull()
    const after = await open(store)
    expect(await after.audit.verify()).toMatchObject({ ok: true, problems: [] })
    expect((await after.audit.list())[0]).toMatchObject({ command: 'access.revoke', reason: 'vic' })
    await after.collection('mine').put('a/b', { n: 4 })
    await after.collection('fresh').put('x', {})
    expect(await after.audit.verify()).toMatchObject({ ok: true, problems: [] })
    expect(await (await open(store, 'adam')).collection('fresh').count()).toBe(1)
  })

  it('leaves a copy of the old keys worthless', async () => {
    const { store, inner } = makeStore()
    const { ann } = await office(store)
    const state = (await open(store, 'vic'))._introspectState()
    const old = await inner.get('v', '_keyring', 'vic')
    const names = ['mine', 'secret', '_conflicts', '_bases', '_imports', '_audit']
    for (const name of names) await state.getDEK(name)
    const before = await contents(inner, ['v'])
    await ann.revoke('v', { userId: 'vic' })
    let sealed = 0
    for (const name of names) {
      for (const id of await inner.list('v', name)) {
        const envelope = await inner.get('v', name, id)
        if (envelope === null) throw new Error('listed and not there')
        expect(() => state.openEnvelope(name, id, envelope)).toThrow(TamperedError)
        expect(envelope._data).not.toBe((before[`v/${name}/${id}`] as typeof envelope | undefined)?._data)
        sealed += 1
      }
    }
    expect(sealed).toBeGreaterThan(8)
    for (const id of await inner.list('v', '_history')) {
      const kept = await inner.get('v', '_history', id)
      expect(kept?._data).not.toBe((before[`v/_history/${id}`] as typeof kept)?._data)
    }
    // Put back, the old keyring opens, and nothing else does.
    await inner.put('v', '_keyring', 'vic', old!) // read above
    const back = await open(store, 'vic')
    await expect(back.collection('mine').list()).rejects.toThrow(NoAccessError)
    await expect(back.collection('secret').list()).rejects.toThrow(NoAccessError)
    // Nor does the next rotation take it for a member's.
    await ann.revoke('v', { userId: 'olga' })
    await expect((await open(store, 'vic')).collection('mine').list()).rejects.toThrow(NoAccessError)
  })

  it('of an operator renews what the operator could read, and no more', async () => {
    const { store, inner } = makeStore()
    const { ann } = await office(store)
    const rows = async () => [
      await inner.get('v', 'mine', 'a/b'),
      await inner.get('v', 'secret', 'a/b'),
      await inner.get('v', '_imports', '/i'),
    ]
    const before = await rows()
    await ann.revoke('v', { userId: 'olga' })
    const after = await rows()
    expect(after[1]).toEqual(before[1])
    expect(after[2]?._data).not.toBe(before[2]?._data)
    expect(after[0]).toMatchObject({ _v: 3, _ts: before[0]?._ts, _by: 'ann' })
    expect(after[0]?._data).not.toBe(before[0]?._data)
    expect(await view(await open(store, 'vic'))).toEqual(await view(await open(store)))
  })

  it('by an admin reaches owners and custodians as well', async () => {
    const { store } = makeStore()
    const { ann, vault } = await office(store)
    await ann.grantCustodian('v', member('carl', 'custodian'))
    const all = await view(vault)
    await (await session(store, { user: 'adam' })).revoke('v', { userId: 'vic' })
    for (const user of ['ann', 'adam', 'carl']) expect(await view(await open(store, user))).toEqual(all)
    await (await session(store, { user: 'adam' })).revoke('v', { userId: 'adam' })
    await expect(open(store, 'adam')).rejects.toThrow(NoAccessError)
    expect(await view(await open(store))).toEqual(all)
  })

  it('can be done again and again, with grants between', async () => {
    const { store } = makeStore()
    const { ann, vault } = await office(store)
    for (let round = 0; round < 3; round += 1) {
      await ann.revoke('v', { userId: 'vic' })
      await vault.collection(`round${round}`).put('x', { round })
      await ann.grant('v', member('vic', 'viewer'))
      const vic = await open(store, 'vic')
      expect(await vic.collection(`round${round}`).list()).toEqual([{ round }])
      expect(await view(vic)).toEqual(await view(await open(store)))
    }
    expect(await (await open(store)).audit.verify()).toMatchObject({ ok: true })
  })

  it('without rotation only takes the keyring; the next rotation catches up', async () => {
    const { store, inner } = makeStore()
    const { ann } = await office(store)
    const before = await inner.get('v', 'secret', 'a/b')
    await ann.revoke('v', { userId: 'vic', rotateKeys: false })
    await expect(open(store, 'vic')).rejects.toThrow(NoAccessError)
    expect(await inner.get('v', 'secret', 'a/b')).toEqual(before)
    await ann.revoke('v', { userId: 'olga' })
    expect((await inner.get('v', 'secret', 'a/b'))?._data).not.toBe(before?._data)
  })

  it('counts what somebody held before being granted less', async () => {
    const { store, inner } = makeStore()
    const { ann } = await office(store)
    const before = await inner.get('v', 'secret', 'a/b')
    await ann.grant('v', member('vic', 'operator', { permissions: { mine: 'ro' } }))
    await ann.revoke('v', { userId: 'vic' })
    expect((await inner.get('v', 'secret', 'a/b'))?._data).not.toBe(before?._data)
  })

  it('is noticed by sessions that are open', async () => {
    const { store } = makeStore()
    const { ann, vault } = await office(store)
    const [adam, vic, olga] = [await open(store, 'adam'), await open(store, 'vic'), await open(store, 'olga')]
    await adam.collection('mine').list() // one collection in the cache, the other not
    await vic.collection('mine').list()
    await ann.revoke('v', { userId: 'vic' })
    expect(await adam.collection('secret').list()).toEqual([{ n: 3, of: 'secret' }])
    await adam.collection('mine').put('a/b', { n: 4 })
    expect(await adam.audit.list()).not.toEqual([])
    await olga.collection('mine').put('y', { n: 5 })
    expect(await olga.sidecar('_bases').list()).toMatchObject([{ row: { base: 1 } }])
    await expect(vic.collection('secret').list()).rejects.toThrow(NoAccessError)
    expect(await (await open(store)).collection('mine').list()).toEqual([{ n: 4 }, { n: 5 }])
    expect(await vault.collection('mine', { large: true }).history('a/b')).toHaveLength(4)
  })

  it('is noticed by a session that writes before it reads', async () => {
    const { store } = makeStore()
    const { ann } = await office(store)
    const adam = await (await session(store, { user: 'adam' })).openVault('v')
    await adam.collection('mine').list()
    await ann.revoke('v', { userId: 'vic' })
    await adam.collection('mine').put('y', { n: 4 })
    await adam.collection('mine').delete('a/b')
    expect(await (await open(store)).collection('mine').list()).toEqual([{ n: 4 }])
  })

  it('loses nothing that other sessions write meanwhile', async () => {
    const { store } = makeStore()
    const { ann } = await office(store)
    const [adam, olga] = [await open(store, 'adam'), await open(store, 'olga')]
    const writes = Array.from({ length: 40 }, (_, n) => [
      adam.collection('secret').put(`s${n}`, { n }),
      olga.collection('mine').put(`m${n}`, { n }),
      adam.collection(`new${n % 4}`).put(`x${n}`, { n }),
    ]).flat()
    await Promise.all([ann.revoke('v', { userId: 'vic' }), ...writes])
    const after = await open(store)
    expect(await after.collection('secret').count()).toBe(41)
    expect(await after.collection('mine').count()).toBe(41)
    for (let n = 0; n < 4; n += 1) expect(await after.collection(`new${n}`).count()).toBe(10)
    expect(await after.audit.verify()).toMatchObject({ ok: true })
  })

  it('can be broken off, and then nothing has changed', async () => {
    const { store, inner } = makeStore()
    const { ann } = await office(store)
    const before = await contents(inner, ['v'])
    const gone = AbortSignal.abort(new Error('enough'))
    await expect(ann.revoke('v', { userId: 'vic', signal: gone })).rejects.toThrow('enough')
    expect(await contents(inner, ['v'])).toEqual(before)
  })

  it('leaves a row that nobody can open as it is', async () => {
    const { store, inner } = makeStore()
    const { ann } = await office(store)
    const row = await inner.get('v', 'mine', 'a/b')
    const broken = { ...row!, _data: `AAAA${row?._data.slice(4) ?? ''}` } // read above
    await inner.put('v', 'mine', 'a/b', broken)
    await ann.revoke('v', { userId: 'vic' })
    expect(await inner.get('v', 'mine', 'a/b')).toEqual(broken)
    expect(await (await open(store)).collection('secret').list()).toEqual([{ n: 3, of: 'secret' }])
  })
})

describe('a revocation that fails', () => {
  it('leaves a store with transactions as it was', async () => {
    const inner = memory()
    let broken = false
    const store: NoydbStore = {
      ...inner,
      tx: (ops) => (broken ? Promise.reject(new Error('disk full')) : inner.tx(ops)),
    }
    const { ann } = await office(store)
    const before = await contents(inner, ['v'])
    broken = true
    await expect(ann.revoke('v', { userId: 'vic' })).rejects.toThrow('disk full')
    expect(await contents(inner, ['v'])).toEqual(before)
    broken = false
    await ann.revoke('v', { userId: 'vic' })
    await expect(open(store, 'vic')).rejects.toThrow(NoAccessError)
  })

  it('at any write of a bare store is undone or finished by whoever comes next', async () => {
    const outcomes = new Set<string>()
    for (let writes = 0; outcomes.size < 3 && writes < 300; writes += 3) {
      const inner = memory()
      let left = Infinity
      const step = (): void => {
        left -= 1
        if (left < 0) throw new Error('the process died')
      }
      const bare = bareStore(inner)
      const dying: NoydbStore = {
        ...bare,
        put: async (...row) => {
          step()
          return bare.put(...row)
        },
        delete: async (...row) => {
          step()
          return bare.delete(...row)
        },
      }
      const { ann, vault } = await office(dying)
      const all = await view(vault)
      left = writes
      const revoked = await ann.revoke('v', { userId: 'vic' }).then(
        () => true,
        () => false,
      )
      left = Infinity
      // A member without any right to write is the first to come.
      const olga = await open(bare, 'olga')
      expect(await olga.collection('mine').list()).toEqual([{ n: 3, of: 'mine' }])
      expect(await view(await open(bare))).toEqual(all)
      const out = await open(bare, 'vic').then(
        () => false,
        (error: unknown) => error instanceof NoAccessError,
      )
      if (revoked) expect(out).toBe(true)
      outcomes.add(revoked ? 'done' : out ? 'finished' : 'undone')
      if (!out) await (await session(bare)).revoke('v', { userId: 'vic' })
      await expect(open(bare, 'vic')).rejects.toThrow(NoAccessError)
      const last = await open(bare)
      expect(await view(last)).toEqual(all)
      expect(await last.audit.verify()).toMatchObject({ ok: true })
      expect(await inner.list('v', '_rotation_ops')).toEqual([])
    }
    expect([...outcomes].sort()).toEqual(['done', 'finished', 'undone'])
  })
})
