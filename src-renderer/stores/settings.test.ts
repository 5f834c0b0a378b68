import { beforeEach, expect, it } from 'vitest'
import { api } from '../lib/api.ts'
import { beginWorkspace, conflicts } from '../testing/cable.ts'
import { settings } from './settings.svelte.ts'

beforeEach(async () => {
  await beginWorkspace(conflicts(0))
  await settings.load()
})

it('saves changes one after another, so that none is lost to a slow one before it', async () => {
  const saves = [settings.save({ density: 'compact' }), settings.save({ negatives: 'parentheses' })]
  expect(settings.value).toMatchObject({ density: 'compact', negatives: 'parentheses' })
  await Promise.all(saves)
  const stored = await api.settings.get()
  expect(stored).toMatchObject({ density: 'compact', negatives: 'parentheses' })
  expect(settings.value).toEqual(stored)
})

it('takes a refused change back', async () => {
  const stored = settings.value
  await api.workspace.lock()
  await expect(settings.save({ theme: 'dark' })).rejects.toMatchObject({ code: 'LOCKED' })
  expect(settings.value).toEqual(stored)
})
