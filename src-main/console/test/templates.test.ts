/** Templates that a person imports into a workspace. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newWorkspace, passphrase, resourcesDir, type TestConsole } from './fixture.ts'

const directory = readFileSync(join(resourcesDir, 'templates/directory.json'), 'utf8')

/** The shipped directory under another name and version. */
const fileNamed = (name: string, version = 1): string =>
  JSON.stringify({
    ...(JSON.parse(directory) as object),
    name,
    version,
    transforms:
      version === 1 ? [] : [{ to: 2, collection: 'parties', expression: '$', note: 'Nothing changes.' }],
  })

async function importText(console: TestConsole, text: string) {
  const path = join(console.folder, 'mine.json')
  writeFileSync(path, text)
  const { handle } = await console.files.register(path, 'template')
  return console.templates.import(handle)
}

test('a template is imported once, kept with the workspace, and replaced by a higher version only', async () => {
  const console = await newWorkspace()
  expect(await console.templates.list()).toMatchObject([
    { name: 'client-accounting', version: 3, source: 'program' },
    { name: 'directory', version: 1, source: 'program' },
  ])
  const row = { name: 'ours', version: 1, source: 'imported', fault: null }
  expect(await importText(console, fileNamed('ours'))).toMatchObject(row)
  expect(await importText(console, fileNamed('ours'))).toMatchObject(row)

  await console.workspace.lock()
  await console.workspace.unlock(passphrase)
  expect(await console.templates.list()).toContainEqual(expect.objectContaining(row))

  const changed = fileNamed('ours').replace('"Parties"', '"People"')
  await expect(importText(console, changed)).rejects.toMatchObject({
    code: 'BAD_INPUT',
    details: { path: '/version' },
  })
  expect(await importText(console, fileNamed('ours', 2))).toMatchObject({ name: 'ours', version: 2 })
})

test('a template of the program is not replaced', async () => {
  const console = await newWorkspace()
  await expect(importText(console, fileNamed('directory', 2))).rejects.toMatchObject({
    code: 'BAD_INPUT',
    details: { path: '/name' },
  })
})

test('a faulty template changes nothing and says where it is wrong', async () => {
  const console = await newWorkspace()
  const faulty = fileNamed('ours').replace('"target":"parties"', '"target":"people"')
  await expect(importText(console, faulty)).rejects.toMatchObject({
    code: 'BAD_INPUT',
    details: { path: '/collections/products/refs/0/target', reason: 'no collection is called "people"' },
  })
  expect(await console.templates.list()).toHaveLength(2)
})

test('one that this program refuses by now does not keep the workspace shut', async () => {
  const console = await newWorkspace()
  await console.session.use(async ({ state }) => {
    await state.templates.put('old', {
      version: 4,
      text: '{"format":1}',
      importedAt: '2026-01-01T00:00:00.000Z',
    })
  })
  await console.workspace.lock()
  await console.workspace.unlock(passphrase)
  const old = (await console.templates.list()).find(({ name }) => name === 'old')
  expect(old).toMatchObject({ version: 4, collections: [] })
  expect(old?.fault).toContain('The imported template "old" is faulty at /name: is missing')
  await console.session.use(async ({ templates }) => {
    expect(() => templates.get('old')).toThrow('is faulty at /name')
  })
})
