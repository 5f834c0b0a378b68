/** Killed in the middle: a reopen finds what was there before, or everything, never something between. */
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startChild } from './testing/child.ts'
import { countedIds, errorOf, openStore, putOp, tempFile } from './testing/workspace.ts'

describe('a host that dies inside a transaction', () => {
  it.each([1, 700, 1_499])('after %i of 1,500 operations', async (dieAfterOps) => {
    const file = tempFile()
    const dying = await openStore({ file, host: 'process', faults: { dieAfterOps }, durability: 'full' })
    for (const id of countedIds(5)) await dying.put('v', 'c', id, putOp(id).envelope ?? expect.fail())
    const changes = countedIds(1_500).map((id) => putOp(id, 2))
    expect(await errorOf(dying.tx(changes))).toMatchObject({ code: 'STORE_HOST_FAILED' })
    const store = await openStore({ file })
    const versions = Object.values((await store.loadAll('v')).c ?? {}).map(({ _v }) => _v)
    expect(versions).toEqual([1, 1, 1, 1, 1])
    expect(await store.integrityCheck()).toEqual([])
  })
})

describe('a whole process killed while it commits generations', () => {
  it.each([0, 15, 40, 90])('%i ms after a commit', async (ms) => {
    const file = tempFile()
    const child = startChild([file, 'generations'])
    expect(await child.line()).toBe('open')
    expect(await child.line()).toBe('committed 1')
    await wait(ms)
    await child.kill()
    let confirmed = 1
    for (let line = await child.line(); line !== undefined; line = await child.line()) {
      confirmed = Number(line.split(' ')[1])
    }
    const store = await openStore({ file })
    const vaults = await Promise.all(['v0', 'v1', 'v2'].map((vault) => store.loadAll(vault)))
    const versions = vaults.flatMap((vault) => Object.values(vault.c ?? {}).map(({ _v }) => _v))
    expect(versions).toHaveLength(3_000)
    expect(new Set(versions).size).toBe(1)
    // The commit may have been made and the word not printed; never the other way round.
    expect([confirmed, confirmed + 1]).toContain(versions[0])
  })
})
