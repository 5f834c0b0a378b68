import { expect, test } from 'vitest'
import { systemCalls } from '../../../src-shared/ipc/system.ts'
import { newWorkspace } from './fixture.ts'

test('a change of one setting leaves the others as they are', async () => {
  const console = await newWorkspace()
  const save = (change: object) => console.settings.save(systemCalls['settings.save'].input.parse(change))
  expect(systemCalls['settings.save'].input.parse({ theme: 'dark' })).toEqual({ theme: 'dark' })
  await save({ theme: 'dark', autoLockMinutes: 5 })
  expect(await save({ locale: 'de-CH' })).toEqual({
    theme: 'dark',
    density: 'comfortable',
    locale: 'de-CH',
    negatives: 'minus',
    autoLockMinutes: 5,
  })
  expect(() => systemCalls['settings.save'].input.parse({ autoLockMinutes: 0 })).toThrow()
})
