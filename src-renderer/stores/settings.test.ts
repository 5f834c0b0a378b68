import { expect, it } from 'vitest'
import type { Settings } from '../../src-shared/ipc/system.ts'
import { connectApi } from '../lib/api.ts'
import { MemoryTransport } from '../testing/memory-transport.ts'
import { settings } from './settings.svelte.ts'

it('saves changes one after another, so that none is lost to a slow one before it', async () => {
  let stored: Settings = settings.value
  const transport = new MemoryTransport({
    'settings.get': () => stored,
    'settings.save': async (change: Partial<Settings>) => {
      const before = stored
      await Promise.resolve()
      return (stored = { ...before, ...change })
    },
  })
  connectApi(transport)
  const saves = [settings.save({ density: 'compact' }), settings.save({ negatives: 'parentheses' })]
  expect(settings.value).toMatchObject({ density: 'compact', negatives: 'parentheses' })
  await Promise.all(saves)
  expect(stored).toMatchObject({ density: 'compact', negatives: 'parentheses' })
  expect(settings.value).toEqual(stored)
})

it('takes a refused change back', async () => {
  const stored = settings.value
  connectApi(new MemoryTransport({ 'settings.get': () => stored }))
  await expect(settings.save({ theme: 'dark' })).rejects.toMatchObject({ code: 'UNKNOWN_CALL' })
  expect(settings.value).toEqual(stored)
})
