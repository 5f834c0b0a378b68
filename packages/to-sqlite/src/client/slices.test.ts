import { ConflictError, type TxOp } from '@noy-db/hub/store'
import { describe, expect, it } from 'vitest'
import { countedIds, envelope, errorOf, openStore, putOp } from '../testing/workspace.ts'
import { slicesOf } from './slices.ts'

const at = (id: string) => ({ vault: 'v', collection: 'c', id })

describe.each([
  ['one message', 0],
  ['slices', 2_000],
])('tx in %s', (_how, padding) => {
  /** Operations before the ones under test, so that those come in a later slice. */
  const padded = (ops: readonly TxOp[]): TxOp[] => [...countedIds(padding).map((id) => putOp(id)), ...ops]

  it('is all or nothing over vaults', async () => {
    const store = await openStore()
    await store.put('v', 'c', 'kept', envelope(4))
    const ops: TxOp[] = [
      { ...putOp('x'), vault: 'w' },
      { ...at('kept'), op: 'delete' },
      putOp('kept2', 2, 1),
      putOp('after'),
    ]
    const error = await errorOf(store.tx(padded(ops)))
    expect(error).toBeInstanceOf(ConflictError)
    expect(error).toMatchObject({ version: 0 })
    expect(await store.listVaults()).toEqual(['v'])
    expect(await store.list('v', 'c')).toEqual(['kept'])
    await store.tx(padded([putOp('again')]))
    expect(await store.list('v', 'c')).toHaveLength(padding + 2)
  })

  it('honours expected versions of puts and deletes', async () => {
    const store = await openStore()
    await store.tx(
      padded([putOp('a', 1, 0), putOp('a', 2, 1), { ...at('none'), op: 'delete', expectedVersion: 0 }]),
    )
    const losing: TxOp[] = [
      putOp('a', 3, 0),
      putOp('a', 3, 1),
      { ...at('a'), op: 'delete', expectedVersion: 0 },
      { ...at('a'), op: 'delete', expectedVersion: 1 },
    ]
    for (const op of losing)
      expect(await errorOf(store.tx(padded([op])))).toMatchObject({ code: 'CONFLICT', version: 2 })
    const absent: TxOp = { ...at('none'), op: 'delete', expectedVersion: 1 }
    expect(await errorOf(store.tx(padded([absent])))).toMatchObject({ code: 'CONFLICT', version: 0 })
    await store.tx(
      padded([
        { ...at('a'), op: 'delete', expectedVersion: 2 },
        { ...at('none'), op: 'delete' },
      ]),
    )
    expect(await store.get('v', 'c', 'a')).toBeNull()
  })

  it('copies the row as it stands at that point', async () => {
    const store = await openStore()
    const [one, two] = [envelope(1), envelope(2)]
    const copy = (toId: string): TxOp => ({ ...at('a'), op: 'copy', toCollection: '_history', toId })
    const put = (row: typeof one): TxOp => ({ ...at('a'), op: 'put', envelope: row })
    await store.tx(padded([copy('a/0'), put(one), copy('a/1'), put(two), copy('a/2'), copy('a/1b')]))
    expect(await store.getMany('v', '_history', ['a/0', 'a/1', 'a/2', 'a/1b'])).toEqual([null, one, two, two])
    await store.tx(
      padded([{ ...at('a/1'), collection: '_history', op: 'copy', toCollection: 'c', toId: 'a' }]),
    )
    expect(await store.get('v', 'c', 'a')).toEqual(one)
  })

  it('refuses a put without an envelope and leaves no trace', async () => {
    const store = await openStore()
    const error = await errorOf(store.tx(padded([putOp('x'), { ...at('a'), op: 'put' }])))
    expect(error).toMatchObject({ code: 'STORE_BAD_ARGUMENT' })
    expect(await store.listVaults()).toEqual([])
    await store.put('v', 'c', 'a', envelope())
  })
})

it('lets nothing come between the slices of a transaction', async () => {
  const store = await openStore()
  const versions = [1, 2, 3]
  const ids = countedIds(1_500)
  const writing = versions.map((version) => store.tx(ids.map((id) => putOp(id, version, version - 1))))
  const single = store.put('v', 'c', '000000', envelope(9), 3)
  const [first, last] = await store.getMany('v', 'c', ['000000', '001499'])
  await Promise.all([...writing, single])
  expect([first?._v, last?._v]).toEqual([9, 3])
})

it('an empty transaction does nothing', async () => {
  const store = await openStore()
  await store.tx([])
  expect(await store.listVaults()).toEqual([])
})

it('gives the calling thread back after every slice', async () => {
  const store = await openStore()
  const ops = countedIds(20_000).map((id) => putOp(id, 1, 0))
  let [turns, running] = [0, true]
  const count = (): void => {
    turns += 1
    if (running) setImmediate(count)
  }
  count()
  await store.tx(ops)
  running = false
  expect(turns).toBeGreaterThanOrEqual(40)
  expect(await store.list('v', 'c')).toHaveLength(20_000)
})

it('cuts slices by rows and by size', () => {
  const small = [...slicesOf(countedIds(2_200).map((id) => putOp(id)))]
  expect(small.map((cells) => cells.length / 14)).toEqual([1_000, 1_000, 200])
  const large = countedIds(10).map((id) => ({ ...putOp(id), envelope: envelope(1, 200_000) }))
  expect([...slicesOf(large)].map((cells) => cells.length / 14)).toEqual([2, 2, 2, 2, 2])
})

it('saveAll replaces user collections and leaves reserved ones', async () => {
  const store = await openStore()
  await store.tx([putOp('old'), { ...putOp('k'), collection: '_keyring' }, { ...putOp('o'), vault: 'other' }])
  const rows = Object.fromEntries(countedIds(2_200).map((id) => [id, envelope()]))
  await store.saveAll('v', { d: rows, _meta: { x: envelope() } })
  expect(await store.loadAll('v')).toEqual({ d: rows })
  expect(await store.listCollections('v')).toEqual(['_keyring', 'd'])
  expect(await store.list('other', 'c')).toEqual(['o'])
  await store.saveAll('v', {})
  expect(await store.listCollections('v')).toEqual(['_keyring'])
})
