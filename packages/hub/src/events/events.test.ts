import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { memory } from '../memory.ts'
import { session } from '../noydb/test-session.ts'
import type { ChangeEvent, WriteEvent } from '../types/events.ts'

async function open() {
  const db = await session(memory())
  const vault = await db.openVault('v')
  return { db, vault, collection: vault.collection<{ n: number }>('c') }
}

describe('change', () => {
  it('comes once for each put and delete, after the cache and before the promise', async () => {
    const { db, vault, collection } = await open()
    await collection.list()
    const seen: Array<ChangeEvent & { rows: number }> = []
    const handler = (event: ChangeEvent): void => {
      seen.push({ ...event, rows: collection.query().count() })
    }
    db.on('change', handler)
    await collection.put('x', { n: 1 })
    expect(seen).toEqual([{ vault: 'v', collection: 'c', id: 'x', action: 'put', rows: 1 }])
    await collection.delete('x')
    await collection.delete('never there')
    expect(seen.slice(1).map(({ action, rows }) => [action, rows])).toEqual([
      ['delete', 0],
      ['delete', 0],
    ])
    await db.transaction((tx) => {
      tx.put(vault, 'c', 'y', { n: 1 })
      tx.put(vault, 'c', 'z', { n: 1 })
      tx.putSidecar(vault, '_imports', { key: 'k' }, {})
    })
    expect(seen.slice(3).map(({ id, rows }) => [id, rows])).toEqual([
      ['y', 2],
      ['z', 2],
    ])
    await expect(collection.put('x', { n: NaN })).rejects.toThrow()
    db.off('change', handler)
    await collection.put('x', { n: 2 })
    expect(seen).toHaveLength(5)
  })

  it('reaches every handler, and a throwing one disturbs nobody', async () => {
    const { db, collection } = await open()
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const last = vi.fn()
    db.on('change', () => {
      throw new Error('handler')
    })
    db.on('change', last)
    await collection.put('x', { n: 1 })
    expect(last).toHaveBeenCalledTimes(1)
    expect(warn).toHaveBeenCalledTimes(1)
    warn.mockRestore()
  })

  it('reaches asynchronous handlers whose failure is only warned about', async () => {
    const { db, collection } = await open()
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- what this test is about
    db.on('change', () => Promise.reject(new Error('late')))
    await collection.put('x', { n: 1 })
    await vi.waitFor(() => expect(warn).toHaveBeenCalledTimes(1))
    warn.mockRestore()
  })

  it('says nothing of reserved rows', async () => {
    const { db, vault } = await open()
    const told = vi.fn()
    db.on('change', told)
    const declared = { schema: z.object({ n: z.number() }), persistJsonSchema: true }
    vault.collection('d', declared)
    await vault._drainPendingSchemaWrites()
    await vault.getBundleHandle()
    expect(told).not.toHaveBeenCalled()
  })

  it('tells a live query once for each transaction', async () => {
    const { collection } = await open()
    await collection.list()
    const live = collection.query().where('n', '>', 1).live()
    const told = vi.fn()
    live.subscribe(told)
    await collection.putMany(Array.from({ length: 10 }, (_, n) => ({ id: `${n}`, record: { n } })))
    expect(told).toHaveBeenCalledTimes(1)
    expect(live.value).toHaveLength(8)
    live.stop()
  })
})

describe('write hooks', () => {
  it('before may refuse, after sees what happened, and their own writes call no hooks', async () => {
    const { db, vault, collection } = await open()
    const events: WriteEvent[] = []
    const stopBefore = db.onBeforeWrite((event) => {
      if (event.docId === 'no') throw new Error('refused')
    })
    db.onAfterWrite(async (event) => {
      events.push(event)
      await vault.collection('log').put(event.txId, { of: event.docId })
    })
    await collection.put('x', { n: 1 })
    await collection.put('x', { n: 2 })
    await collection.delete('x')
    await expect(collection.put('no', { n: 1 })).rejects.toThrow('refused')
    expect(await collection.get('no')).toBeNull()
    expect(
      events.map(({ op, before, after, baseVersion, version }) => ({
        op,
        before,
        after,
        baseVersion,
        version,
      })),
    ).toEqual([
      { op: 'create', before: null, after: { n: 1 }, baseVersion: 0, version: 1 },
      { op: 'update', before: { n: 1 }, after: { n: 2 }, baseVersion: 1, version: 2 },
      { op: 'delete', before: { n: 2 }, after: null, baseVersion: 2, version: 2 },
    ])
    expect(await vault.collection('log').count()).toBe(3)
    stopBefore()
    await collection.put('no', { n: 1 })
  })

  it('after hooks that fail are only warned about', async () => {
    const { db, collection } = await open()
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    db.onAfterWrite(() => Promise.reject(new Error('hook')))
    await collection.put('x', { n: 1 })
    expect(warn).toHaveBeenCalledTimes(1)
    warn.mockRestore()
  })
})

describe('writeQueue', () => {
  it('counts writes in flight and resolves when idle', async () => {
    const { db, collection } = await open()
    await db.writeQueue.onFlush()
    const depths: number[] = []
    db.writeQueue.onChange(() => depths.push(db.writeQueue.depth))
    const writes = Promise.all([collection.put('x', { n: 1 }), collection.put('y', { n: 1 })])
    expect(db.writeQueue.pending).toBe(true)
    await db.writeQueue.onFlush()
    expect(db.writeQueue.depth).toBe(0)
    await writes
    expect(depths).toEqual([1, 2, 1, 0])
  })
})
