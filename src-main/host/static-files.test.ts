import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { readStaticFile, resolveInside } from './static-files.ts'

let folder = ''

beforeAll(async () => {
  folder = path.join(await mkdtemp(path.join(os.tmpdir(), 'static-')), 'renderer')
  await mkdir(folder)
  await writeFile(path.join(folder, 'index.html'), '<!doctype html>')
  await writeFile(path.join(folder, '..', 'outside.html'), 'secret')
})

test('the root is index.html', async () => {
  const file = await readStaticFile(folder, '/')
  expect(file?.mediaType).toBe('text/html; charset=utf-8')
  expect(file?.bytes.toString()).toBe('<!doctype html>')
})

test.each(['/../outside.html', '/%2e%2e/outside.html', '/..%2foutside.html', '/a/../../outside.html'])(
  '%s does not leave the folder',
  async (urlPath) => {
    expect(await readStaticFile(folder, urlPath)).toBeNull()
  },
)

test.each(['/missing.js', '/index.exe', '/%00', '/%zz', '/index.html/x.js'])(
  '%s is nothing',
  async (urlPath) => {
    expect(await readStaticFile(folder, urlPath)).toBeNull()
  },
)

test('an absolute path stays below the folder', () => {
  expect(resolveInside(folder, '//etc/passwd')).toBe(path.join(folder, 'etc/passwd'))
})
