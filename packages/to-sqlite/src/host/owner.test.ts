import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { startChild } from '../testing/child.ts'
import { envelope, errorOf, openStore, tempFile } from '../testing/workspace.ts'

it('a second opener in this process is refused, and told by whom', async () => {
  const file = tempFile()
  const store = await openStore({ file, owner: 'the first window' })
  const error = await errorOf(openStore({ file }))
  expect(error).toMatchObject({
    code: 'STORE_LOCKED',
    details: { owner: { owner: 'the first window', pid: process.pid } },
  })
  expect(error).toHaveProperty('message', expect.stringContaining('the first window'))
  await store.put('v', 'c', 'a', envelope())
  await store.close()
  expect(existsSync(`${file}.owner`)).toBe(false)
  const next = await openStore({ file })
  expect(await next.list('v', 'c')).toEqual(['a'])
})

it.each(['worker', 'process'])(
  'another process that holds it in a %s is named, and its death frees the file',
  async (host) => {
    const file = tempFile()
    const child = startChild([file, 'hold', host])
    expect(await child.line()).toBe('open')
    const error = await errorOf(openStore({ file }))
    expect(error).toMatchObject({ code: 'STORE_LOCKED', details: { owner: { owner: 'the other window' } } })
    await child.kill()
    // A host process notices that its parent is gone by itself; the operating system frees a thread's lock at once.
    const store = await openWithin(file, 5_000)
    await store.put('v', 'c', 'a', envelope())
  },
)

async function openWithin(file: string, ms: number) {
  const deadline = Date.now() + ms
  for (;;) {
    try {
      return await openStore({ file })
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
  }
}

it('a note left behind, or unreadable, does not matter', async () => {
  const file = tempFile()
  writeFileSync(`${file}.owner`, '{"owner":"dead"')
  const store = await openStore({ file, owner: 'me' })
  expect(JSON.parse(readFileSync(`${file}.owner`, 'utf8'))).toMatchObject({ owner: 'me', pid: process.pid })
  await store.close()
})
