import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { countedIds, errorOf, openStore, putOp, tempFile } from '../testing/workspace.ts'

it('is a whole workspace of its own', async () => {
  const store = await openStore()
  await store.tx(countedIds(1_000).map((id) => putOp(id)))
  const copy = tempFile('copy.db')
  const saving = store.backupTo(copy)
  const writing = store.put('v', 'c', 'later', putOp('later').envelope ?? expect.fail())
  await Promise.all([saving, writing])
  const opened = await openStore({ file: copy })
  expect(await opened.list('v', 'c')).toEqual(countedIds(1_000))
  expect(await opened.integrityCheck()).toEqual([])
})

it('replaces an earlier one, and leaves that alone when it fails', async () => {
  const store = await openStore()
  const copy = tempFile('copy.db')
  await store.backupTo(copy)
  await store.backupTo(copy)
  const before = readFileSync(copy)
  mkdirSync(`${copy}.partial`)
  expect(await errorOf(store.backupTo(copy))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect(readFileSync(copy).equals(before)).toBe(true)
})

it('is not written over the workspace, nor where there is no folder', async () => {
  const file = tempFile()
  const store = await openStore({ file })
  await store.tx([putOp('a')])
  expect(await errorOf(store.backupTo(file))).toMatchObject({ code: 'STORE_BAD_ARGUMENT' })
  expect(await errorOf(store.backupTo(`${file}.d/copy.db`))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect(existsSync(`${file}.partial`)).toBe(false)
  expect(await store.list('v', 'c')).toEqual(['a'])
})
