import { ConflictError } from '@noy-db/hub/store'
import { describe, expect, it } from 'vitest'
import { countedIds, envelope, errorOf, openStore, plain, tempFile } from './testing/workspace.ts'

describe.each(['worker', 'process'] as const)('sqliteStore in a %s', (host) => {
  it('says what it can do', async () => {
    const store = await openStore({ host, region: 'eu' })
    expect(store.host).toBe(host)
    expect(store.capabilities).toMatchObject({ casAtomic: true, txAtomic: true, txCopy: true, region: 'eu' })
    expect(await store.ping()).toBe(true)
  })

  it('keeps rows over a reopen', async () => {
    const file = tempFile()
    const first = await openStore({ host, file })
    const kept = envelope(3, 2_000)
    await first.put('v', 'c', 'a', kept)
    await first.close()
    const second = await openStore({ host, file })
    expect(await second.get('v', 'c', 'a')).toEqual(kept)
  })

  it('answers for what is absent', async () => {
    const store = await openStore({ host })
    expect(await store.get('v', 'c', 'a')).toBeNull()
    expect(await store.list('v', 'c')).toEqual([])
    expect(await store.loadAll('v')).toEqual({})
    expect(await store.getMany('v', 'c', ['a', 'b'])).toEqual([null, null])
    expect(await store.stats('v')).toEqual({ records: 0, bytes: 0, collections: {} })
    await store.delete('v', 'c', 'a')
    expect(await store.listVaults()).toEqual([])
  })
})

describe('names and values', () => {
  const odd = [
    '',
    ' ',
    'a/b\\c',
    '😀é',
    'nul\0inside',
    'nul\0insidf',
    '__proto__',
    "'; DROP TABLE records; --",
    'x'.repeat(512),
  ]

  it('come back as they went in', async () => {
    const store = await openStore()
    for (const name of odd) await store.put(`v${name}`, `c${name}`, name, plain(JSON.stringify({ name })))
    for (const name of odd) {
      expect(await store.get(`v${name}`, `c${name}`, name)).toEqual(plain(JSON.stringify({ name })))
      expect(await store.list(`v${name}`, `c${name}`)).toEqual([name])
    }
    expect((await store.listVaults()).toSorted()).toEqual(odd.map((name) => `v${name}`).toSorted())
  })

  it('fill a snapshot without touching its prototype', async () => {
    const store = await openStore()
    await store.put('v', '__proto__', '__proto__', plain('{}'))
    await store.put('v', 'c', '__proto__', plain('{}'))
    const snapshot = await store.loadAll('v')
    expect(Object.keys(snapshot)).toEqual(['c']) // `__proto__` starts like a reserved name
    expect(Object.keys(snapshot.c ?? {})).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(snapshot.c)).toBe(Object.prototype)
  })

  it.each([
    ['another spelling of base64', { _iv: 'AAAAAAAAAAAAAAA_', _data: 'QR==' }],
    ['base64 without padding', { _iv: 'AAAAAAAAAAAAAAAA', _data: 'QQ' }],
    ['a longer vector', { _iv: 'AAAAAAAAAAAAAAAAAAAAAAAA', _data: 'AAAA' }],
    ['text where base64 belongs', { _iv: 'AAAAAAAAAAAAAAAA', _data: 'š not base64 \0' }],
    ['an empty ciphertext', { _iv: 'AAAAAAAAAAAAAAAA', _data: '' }],
    ['empty provenance', { _by: '', _source: '', _sourceTs: '' }],
    ['members of a later version', { _later: { deep: [1, null] } }],
  ])('keeps %s exactly', async (_what, members) => {
    const store = await openStore()
    const odd = { ...envelope(), ...members }
    await store.put('v', 'c', 'a', odd)
    expect(await store.get('v', 'c', 'a')).toEqual(odd)
  })

  it('that SQLite would change are refused', async () => {
    const store = await openStore()
    expect(await errorOf(store.put('v', 'c', 'half \ud800', envelope()))).toMatchObject({
      code: 'STORE_BAD_ARGUMENT',
    })
    expect(await errorOf(store.put('v', 'c', 'a', plain('\udfff')))).toMatchObject({
      code: 'STORE_BAD_ARGUMENT',
    })
    expect(await errorOf(store.put('v', 'c', 'a', { ...envelope(), _v: 1.5 }))).toMatchObject({
      code: 'STORE_BAD_ARGUMENT',
    })
    expect(await store.listVaults()).toEqual([])
  })
})

describe('put', () => {
  it('compares only with a row that exists', async () => {
    const store = await openStore()
    await store.put('v', 'c', 'a', envelope(1), 7)
    await store.put('v', 'c', 'a', envelope(2), 1)
    const error = await errorOf(store.put('v', 'c', 'a', envelope(3), 1))
    expect(error).toBeInstanceOf(ConflictError)
    expect(error).toMatchObject({ code: 'CONFLICT', version: 2 })
    expect(await errorOf(store.put('v', 'c', 'a', envelope(3), 0))).toMatchObject({ version: 2 })
    expect(await store.get('v', 'c', 'a')).toMatchObject({ _v: 2 })
  })

  it('lets exactly one of many win, and the others in the same batch pass', async () => {
    const store = await openStore()
    await store.put('v', 'c', 'a', envelope(1))
    const racing = Array.from({ length: 50 }, () => store.put('v', 'c', 'a', envelope(2), 1))
    const others = countedIds(200).map((id) => store.put('v', 'c', id, envelope()))
    const results = await Promise.allSettled(racing)
    await Promise.all(others)
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await store.list('v', 'c')).toHaveLength(201)
  })

  it('is seen by the next call of the same turn', async () => {
    const store = await openStore()
    const seen = countedIds(300).map(async (id) => {
      const written = store.put('v', 'c', id, envelope())
      const row = await store.get('v', 'c', id)
      await written
      return row !== null
    })
    expect((await Promise.all(seen)).every(Boolean)).toBe(true)
  })
})
