/** What happens to real files on real faults. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { NoydbError } from '@noy-db/hub/store'
import { describe, expect, it } from 'vitest'
import { SqliteStoreError } from './index.ts'
import { startChild } from './testing/child.ts'
import { countedIds, envelope, errorOf, openStore, putOp, tempFile } from './testing/workspace.ts'

async function filledFile(rows = 200): Promise<string> {
  const file = tempFile()
  const store = await openStore({ file })
  await store.tx(countedIds(rows).map((id) => putOp(id)))
  await store.close()
  return file
}

describe('a full disk', () => {
  it.each([300, 5_000])('undoes a transaction of %i rows, and the store goes on', async (rows) => {
    const file = await filledFile(50)
    const store = await openStore({ file, faults: { growthPages: 8 } })
    const before = await store.loadAll('v')
    const ops = countedIds(rows).map((id) => ({ ...putOp(id, 2), envelope: envelope(2, 400) }))
    const error = await errorOf(store.tx(ops))
    expect(error).toBeInstanceOf(SqliteStoreError)
    expect(error).toMatchObject({ code: 'STORE_FULL', details: { sqlite: 'SQLITE_FULL' } })
    expect(await store.loadAll('v')).toEqual(before)
    await store.put('v', 'c', 'small', envelope())
    expect(await store.integrityCheck()).toEqual([])
  })

  it('answers each of many single writes for itself', async () => {
    const store = await openStore({ file: await filledFile(1), faults: { growthPages: 4 } })
    const results = await Promise.allSettled(
      countedIds(60).map((id) => store.put('w', 'c', id, envelope(1, 1_000))),
    )
    const kept = results.filter(({ status }) => status === 'fulfilled').length
    expect(kept).toBeGreaterThan(0)
    expect(kept).toBeLessThan(60)
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'STORE_FULL' })
    }
    expect(await store.list('w', 'c')).toHaveLength(kept)
  })
})

describe('a damaged file', () => {
  it('whose header is gone is refused and kept', async () => {
    const file = await filledFile()
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0x5a, 0, 60))
    expect(await errorOf(openStore({ file }))).toMatchObject({ code: 'STORE_CORRUPT' })
    expect(readFileSync(file).equals(bytes)).toBe(true)
  })

  it('whose pages are overwritten fails with a code, and the check names problems', async () => {
    const file = await filledFile(2_000)
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0xa5, 5 * 4096, bytes.length - 4096))
    const store = await openStore({ file })
    expect((await store.integrityCheck()).length).toBeGreaterThan(0)
    expect(await errorOf(store.loadAll('v'))).toMatchObject({ code: 'STORE_CORRUPT' })
  })

  it('that was cut short fails with a code', async () => {
    const file = await filledFile(2_000)
    truncateSync(file, Math.floor(statSync(file).size / 2 / 4096) * 4096)
    const failure = await errorOf(openStore({ file }).then((store) => store.loadAll('v')))
    expect(failure).toMatchObject({ code: 'STORE_CORRUPT' })
  })
})

describe('a file of another kind', () => {
  it('text is refused and untouched', async () => {
    const file = tempFile()
    writeFileSync(file, 'Dear diary, '.repeat(100))
    expect(await errorOf(openStore({ file }))).toMatchObject({ code: 'STORE_CORRUPT' })
    expect(readFileSync(file, 'utf8')).toBe('Dear diary, '.repeat(100))
  })

  it.each([0, 42])(
    'a database of another program (application id %i) is refused and untouched',
    async (id) => {
      const file = tempFile()
      const other = new Database(file)
      other.exec(`PRAGMA journal_mode = WAL; PRAGMA application_id = ${id}; CREATE TABLE notes (text)`)
      other.close()
      const before = readFileSync(file)
      expect(await errorOf(openStore({ file }))).toMatchObject({ code: 'STORE_FOREIGN' })
      expect(readFileSync(file).equals(before)).toBe(true)
      expect([`${file}-wal`, `${file}-shm`, `${file}.owner`].filter((path) => existsSync(path))).toEqual([])
    },
  )

  it('a newer format is refused and untouched', async () => {
    const file = await filledFile()
    const newer = new Database(file)
    newer.pragma('user_version = 999')
    newer.close()
    const before = readFileSync(file)
    expect(await errorOf(openStore({ file }))).toMatchObject({
      code: 'STORE_TOO_NEW',
      details: { found: 999 },
    })
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('an empty file becomes a workspace', async () => {
    const file = tempFile()
    writeFileSync(file, '')
    const store = await openStore({ file })
    await store.put('v', 'c', 'a', envelope())
  })
})

describe('a place that cannot hold a workspace', () => {
  it('a missing folder, or file when none is to be made', async () => {
    const file = tempFile()
    expect(await errorOf(openStore({ file: `${file}/deeper/x.db` }))).toMatchObject({
      code: 'STORE_NOT_FOUND',
    })
    expect(await errorOf(openStore({ file, create: false }))).toMatchObject({ code: 'STORE_NOT_FOUND' })
    expect(existsSync(file)).toBe(false)
  })

  it('a folder in place of the file', async () => {
    const file = tempFile()
    mkdirSync(file)
    expect(await errorOf(openStore({ file }))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  it.skipIf(process.platform === 'win32').each([
    ['a read-only folder', 0o555, 0o644],
    ['a read-only file', 0o777, 0o444],
  ])('%s', async (_what, folderMode, fileMode) => {
    const file = await filledFile(1)
    chmodSync(file, fileMode)
    chmodSync(dirname(file), folderMode)
    const child = startChild([file, 'put-one'], { obeysModes: true })
    const lines = [await child.line(), await child.line()]
    chmodSync(dirname(file), 0o777)
    expect(lines).toContain('{"failure":"STORE_READ_ONLY"}')
    const store = await openStore({ file })
    expect(await store.list('v', 'c')).toEqual(['000000'])
  })
})

describe('a store that is not there any more', () => {
  it('refuses calls after close, and closes once', async () => {
    const store = await openStore()
    const waiting = store.put('v', 'c', 'a', envelope())
    await Promise.all([store.close(), store.close()])
    await waiting
    const error = await errorOf(store.get('v', 'c', 'a'))
    expect(error).toBeInstanceOf(NoydbError)
    expect(error).toMatchObject({ code: 'STORE_CLOSED', name: 'SqliteStoreError' })
    expect(await store.ping()).toBe(false)
  })

  it('rejects waiting and later calls when its host is killed, and saved rows stay', async () => {
    const file = tempFile()
    const store = await openStore({ file, host: 'process', faults: { dieAfterOps: 1 } })
    await store.put('v', 'c', 'saved', envelope())
    const waiting = [store.tx([putOp('a'), putOp('b')]), store.get('v', 'c', 'saved')]
    for (const call of waiting) expect(await errorOf(call)).toMatchObject({ code: 'STORE_HOST_FAILED' })
    expect(await errorOf(store.list('v', 'c'))).toMatchObject({ code: 'STORE_HOST_FAILED' })
    const next = await openStore({ file })
    expect(await next.list('v', 'c')).toEqual(['saved'])
  })

  it('says so when the host cannot start', async () => {
    const nowhere = openStore({ host: 'process', execPath: '/nowhere/node' })
    expect(await errorOf(nowhere)).toMatchObject({ code: 'STORE_HOST_FAILED' })
    expect(await errorOf(openStore({ entry: tempFile('no-entry.ts') }))).toMatchObject({
      code: 'STORE_HOST_FAILED',
    })
  })
})
