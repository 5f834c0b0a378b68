import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createFiles, fileLimits } from './files.ts'

const folder = mkdtempSync(join(tmpdir(), 'lobby-files-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

async function* chunks(count: number, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < count; i++) yield new Uint8Array(size)
}

test('an upload is kept under a handle until clear', async () => {
  const files = createFiles({})
  const ref = await files.receive(chunks(3, 10), { name: '../../etc/bundle.noydb', purpose: 'bundle' })
  expect(ref).toMatchObject({ name: 'bundle.noydb', bytes: 30 })
  expect((await files.read(ref.handle)).bytes.byteLength).toBe(30)
  await files.clear()
  await expect(files.read(ref.handle)).rejects.toMatchObject({ code: 'FILE_GONE' })
})

test('an upload beyond its limit is refused', async () => {
  const files = createFiles({})
  const content = chunks(5, fileLimits.keys / 4)
  await expect(files.receive(content, { name: 'k', purpose: 'keys' })).rejects.toMatchObject({
    code: 'FILE_TOO_LARGE',
  })
  await files.clear()
})

test('a file that is gone, or grew beyond the limit, is refused when read', async () => {
  const files = createFiles({})
  const path = join(folder, 'grows.keys.json')
  writeFileSync(path, '{}')
  const ref = await files.register(path, 'keys')
  writeFileSync(path, new Uint8Array(fileLimits.keys + 1))
  await expect(files.read(ref.handle)).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' })
  rmSync(path)
  await expect(files.read(ref.handle)).rejects.toMatchObject({ code: 'FILE_GONE' })
  await expect(files.register(folder, 'bundle')).rejects.toMatchObject({ code: 'FILE_GONE' })
})

test('a made file is saved where the person says, or not at all', async () => {
  const target = join(folder, 'saved.noydb')
  const revealed: string[] = []
  const files = createFiles({ saveFile: async () => target, revealFile: (path) => void revealed.push(path) })
  const ref = files.offer('made.noydb', new Uint8Array([1, 2, 3]))
  files.reveal(ref.handle)
  expect(revealed).toEqual([])
  expect(await files.save(ref.handle)).toEqual({ saved: true, path: target })
  expect([...readFileSync(target)]).toEqual([1, 2, 3])
  files.reveal(ref.handle)
  expect(revealed).toEqual([target])
  const cancelled = createFiles({ saveFile: async () => null })
  const other = cancelled.offer('x', new Uint8Array())
  expect(await cancelled.save(other.handle)).toEqual({ saved: false, path: null })
})

test('a host without dialogs chooses nothing', async () => {
  expect(await createFiles({}).choose('bundle')).toBeNull()
})
