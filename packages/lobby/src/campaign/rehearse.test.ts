import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { UnknownShardError } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { sqliteStore } from '@noy-db/to-sqlite'
import { describe, expect, it } from 'vitest'
import { openDb } from '../federation/fixture-firm.ts'
import { compiled } from '../templates/fixture-template.ts'
import { behind, billsOf, newBooks, tempFolder, versionsOf } from './testing/books-firm.ts'
import { declaredTotals, Totals } from './totals.ts'

/** Places in memory, and how many of them were removed. */
function inMemory() {
  let removed = 0
  const store = () => ({ store: memory(), remove: () => void (removed += 1) })
  return { store, removed: () => removed }
}

describe('a rehearsal', () => {
  it('says what would change, and changes nothing', async () => {
    const firm = await behind({ a: 30, b: 1 })
    const { store, removed } = inMemory()
    const totals = { bills: [{ path: 'net' }, { path: 'netMinor' }] }
    const progress: number[] = []
    const onProgress = (done: number): void => void progress.push(done)
    const campaigns = firm.group.campaign()
    const rehearsal = await campaigns.rehearse('a', { store, totals, examples: 2, onProgress })
    expect(rehearsal).toMatchObject({ vaultId: 'firm--a', from: 1, to: 2, migrated: 30, failure: null })
    const example = (at: number) => ({
      id: `a-${at}`,
      kind: 'changed',
      changes: expect.arrayContaining([
        expect.objectContaining({ path: 'net', type: 'removed', from: at + 1 }),
        expect.objectContaining({ path: 'netMinor', type: 'added', to: (at + 1) * 100 }),
      ]) as unknown,
    })
    expect(rehearsal.collections).toEqual({
      bills: {
        ...{ before: 30, after: 30, added: 0, removed: 0, changed: 30 },
        fields: { net: 30, netMinor: 30 },
        totals: {
          before: [{ path: 'net', currency: '', sum: '465', values: 30 }],
          after: [{ path: 'netMinor', currency: '', sum: '46500', values: 30 }],
        },
        examples: [example(0), example(1)],
      },
    })
    expect(progress.at(-1)).toBe(30)
    expect(removed()).toBe(1)
    expect(await versionsOf(firm)).toEqual({ a: 1, b: 1 })
    expect((await billsOf(firm, 'a'))[0]).toEqual({ client: 'a', net: 1 })
    expect((await campaigns.start(await campaigns.plan(), { snapshotFolder: null })).migrated).toBe(31)
  })

  it('on a file, which is gone afterwards', async () => {
    const firm = await behind({ a: 5 })
    const folder = tempFolder()
    const store = async () => {
      const own = mkdtempSync(join(folder, 'copy-'))
      const copy = await sqliteStore({ file: join(own, 'copy.db'), durability: 'normal' })
      return { store: copy, remove: () => copy.close().then(() => rmSync(own, { recursive: true })) }
    }
    const { migrated, collections } = await firm.group.campaign().rehearse('a', { store })
    expect([migrated, collections['bills']?.changed]).toEqual([5, 5])
    expect(readdirSync(folder)).toEqual([])
  })

  it('a cutover that fails is its result', async () => {
    const firm = await behind({ a: 2 }, { template: newBooks(new Set(['a'])) })
    const { store, removed } = inMemory()
    const rehearsal = await firm.group.campaign().rehearse('a', { store })
    expect(rehearsal).toMatchObject({
      migrated: 0,
      failure: { message: 'a cannot be read' },
      collections: {},
    })
    expect(removed()).toBe(1)
  })

  it('removes its copy when it is stopped, and makes none of a vault that is not to be opened', async () => {
    const store = memory()
    const firm = await behind({ a: 200 }, { store })
    const place = inMemory()
    const stop = new AbortController()
    const stopping = () => (stop.abort(new Error('enough')), place.store())
    const stopped = firm.group.campaign().rehearse('a', { store: stopping, signal: stop.signal })
    await expect(stopped).rejects.toThrow('enough')
    expect(place.removed()).toBe(1)
    await (await openDb(store, { user: 'bob' })).openVault('firm--bobs')
    const row = { vaultId: 'firm--bobs', partitionKey: 'bobs', templateName: 'books', schemaVersion: 1 }
    await firm.group.registry.put('firm--bobs', { ...row, createdAt: 0, group: 'firm' })
    const rehearse = (key: string) => firm.group.campaign().rehearse(key, { store: place.store })
    await expect(rehearse('bobs')).rejects.toMatchObject({ code: 'NO_ACCESS' })
    await expect(rehearse('none')).rejects.toThrow(UnknownShardError)
    expect(place.removed()).toBe(1)
  })
})

describe('totals', () => {
  it('are exact, by currency, over lists', () => {
    const totals = new Totals([{ path: 'lines.*.amount', currencyPath: 'currency' }, { path: 'rate' }])
    const lines = [{ amount: 1 }, { amount: 2 }]
    for (let n = 0; n < 10; n += 1) totals.add({ currency: 'EUR', rate: '0.1', lines })
    const large = [{ amount: Number.MAX_SAFE_INTEGER }, { amount: 2 }, {}]
    totals.add({ currency: 'JPY', rate: 0.2, lines: large })
    totals.add({ rate: 'none', lines: 'none' })
    expect(totals.list()).toEqual([
      { path: 'lines.*.amount', currency: 'EUR', sum: '30', values: 20 },
      { path: 'rate', currency: '', sum: '1.2', values: 11 },
      { path: 'lines.*.amount', currency: 'JPY', sum: '9007199254740993', values: 2 },
    ])
  })

  it('are of the numeric fields of a declarative template', () => {
    expect(declaredTotals(compiled())).toEqual({ notes: [{ path: 'words.*.count' }] })
    expect(declaredTotals(newBooks())).toEqual({})
  })
})
