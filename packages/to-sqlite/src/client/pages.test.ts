import { expect, it } from 'vitest'
import { countedIds, envelope, errorOf, openStore, putOp } from '../testing/workspace.ts'

async function filled(count: number) {
  const store = await openStore()
  await store.tx(countedIds(count).map((id) => putOp(id)))
  return store
}

it('pages through a collection once, whatever is removed meanwhile', async () => {
  const store = await filled(2_500)
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.listPage('v', 'c', cursor, 700)
    for (const { id } of page.items) seen.push(id)
    await Promise.all(page.items.map(({ id }) => store.delete('v', 'c', id)))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  expect(seen).toEqual(countedIds(2_500))
})

it('gives more than a reply holds, and no cursor on an exact last page', async () => {
  const store = await filled(2_500)
  const page = await store.listPage('v', 'c', undefined, 2_500)
  expect(page.items.map(({ id }) => id)).toEqual(countedIds(2_500))
  expect(page.nextCursor).toBeNull()
  expect((await store.listPage('v', 'c')).items).toHaveLength(100)
})

it('keeps replies small where rows are large', async () => {
  const store = await openStore()
  const ids = countedIds(30)
  const big = envelope(1, 300_000)
  for (const id of ids) await store.put('v', 'c', id, big)
  const page = await store.listPage('v', 'c', undefined, 29)
  expect(page.items.map(({ id }) => id)).toEqual(ids.slice(0, 29))
  expect(page.items.at(-1)?.envelope).toEqual(big)
  expect(Object.keys((await store.loadAll('v')).c ?? {})).toEqual(ids)
})

it('orders ids by their UTF-8 bytes, empty and NUL included', async () => {
  const store = await openStore()
  const ordered = ['', 'a', 'a\0', 'a\0b', 'aa', 'b', 'é', '\uffee', '😀']
  for (const id of ordered.toReversed()) await store.put('v', 'c', id, envelope())
  expect(await store.list('v', 'c')).toEqual(ordered)
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.listPage('v', 'c', cursor, 1)
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  expect(seen).toEqual(ordered)
})

it('refuses a cursor or limit that cannot be one', async () => {
  const store = await filled(3)
  expect(await errorOf(store.listPage('v', 'c', '2'))).toMatchObject({ code: 'STORE_BAD_ARGUMENT' })
  expect(await errorOf(store.listPage('v', 'c', undefined, 0))).toMatchObject({ code: 'STORE_BAD_ARGUMENT' })
})

it('reads many in the order asked, null where absent', async () => {
  const store = await filled(1_200)
  const wanted = [...countedIds(1_200).toReversed(), 'none', '000000']
  const rows = await store.getMany('v', 'c', wanted)
  expect(rows).toHaveLength(wanted.length)
  expect(rows.at(-2)).toBeNull()
  expect(rows[0]).toEqual(await store.get('v', 'c', '001199'))
})

it('loads what one moment held, while others write', async () => {
  const store = await filled(3_000)
  const loading = store.loadAll('v')
  const writing = store.tx(countedIds(3_000).map((id) => putOp(id, 2, 1)))
  const versions = new Set(Object.values((await loading).c ?? {}).map(({ _v }) => _v))
  await writing
  expect(versions).toEqual(new Set([1]))
})

it('lists collections, vaults, recent ids and sizes', async () => {
  const store = await filled(2)
  await store.put('v', '_meta', 'x', envelope(5, 100))
  await store.put('w', 'd', 'y', envelope())
  await store.delete('w', 'd', 'y')
  expect(await store.listVaults()).toEqual(['v'])
  expect(await store.listCollections('v')).toEqual(['_meta', 'c'])
  expect(await store.listSince('v', '_meta', '2026-01-01T00:00:00.004Z')).toEqual(['x'])
  expect(await store.listSince('v', '_meta', '2026-01-01T00:00:00.005Z')).toEqual([])
  expect(await store.stats('v')).toEqual({
    records: 3,
    bytes: 2 * 76 + 112,
    collections: { _meta: { records: 1, bytes: 112 }, c: { records: 2, bytes: 152 } },
  })
  expect(Object.keys(await store.loadAll('v'))).toEqual(['c'])
})
