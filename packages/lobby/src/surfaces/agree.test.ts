/** The declared calls, over one workspace. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memory } from '@noy-db/hub/memory'
import { StateManagementVault } from '../federation/registry/state-management-vault.ts'
import type { SurfaceRow } from '../federation/registry/types.ts'
import { fill, openOffice } from '../fixture-office.ts'
import { actOnSurface, agreeSurface, markSynced, proposeSurface } from './agree.ts'
import { SurfaceCadenceScheduler } from './cadence-scheduler.ts'
import type { SurfaceDefinition } from './definition.ts'
import { isSurfaceDue, listDueSurfaces } from './due.ts'
import { SurfaceNotFoundError, SurfaceStateError } from './errors.ts'
import { assertKnownNames } from './known-names.ts'

const definition: SurfaceDefinition = {
  id: 's',
  collections: ['partners', 'bills'],
  fields: { partners: ['name'] },
  direction: 'push',
  conflictPolicy: { strategy: { default: 'keep-local', bills: 'take-incoming' } },
  cadenceMs: 10_000,
}

let state: StateManagementVault

beforeEach(async () => {
  state = await StateManagementVault.open(await openOffice('ann'))
})
afterEach(() => vi.useRealTimers())

describe('proposeSurface', () => {
  it('keeps the definition, and makes an id where none is given', async () => {
    const row = await proposeSurface(state, definition, 'ann', 5)
    expect(row).toEqual({ ...definition, status: 'proposed', proposedBy: 'ann', createdAt: 5 })
    expect(await state.getSurface('s')).toEqual(row)
    const { id: _id, ...anonymous } = definition
    expect((await proposeSurface(state, anonymous, 'ann', 5)).id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/)
  })

  const wrong: Array<[string, Record<string, unknown>]> = [
    ['no collection', { collections: [], fields: undefined }],
    ['an empty name', { collections: [''], fields: undefined }],
    ['a reserved collection', { collections: ['_audit'], fields: undefined }],
    ['no field', { fields: { partners: [] } }],
    ['fields of a collection that is not shared', { fields: { payroll: ['name'] } }],
    ['no cadence to speak of', { cadenceMs: 0 }],
    ['a cadence of years', { cadenceMs: 400 * 86_400_000 }],
    ['a direction nobody knows', { direction: 'both' }],
    ['a misspelt strategy', { conflictPolicy: { strategy: 'take-incomming' } }],
    ['an end before it begins', { expiresAt: 5 }],
    ['a member nobody knows', { colections: ['bills'] }],
    [
      'too many collections',
      { collections: Array.from({ length: 65 }, (_, at) => `c${at}`), fields: undefined },
    ],
  ]
  it.each(wrong)('refuses %s, and writes nothing', async (_name, change) => {
    const def = { ...definition, ...change }
    await expect(proposeSurface(state, def, 'ann', 5)).rejects.toMatchObject({ code: 'SURFACE_INVALID' })
    expect(await state.listSurfaces()).toEqual([])
  })

  it('replaces its own draft, and nothing that somebody has answered', async () => {
    await proposeSurface(state, definition, 'ann', 5)
    await expect(proposeSurface(state, definition, 'bob', 6)).rejects.toMatchObject({ code: 'SURFACE_ASKED' })
    expect((await proposeSurface(state, { ...definition, direction: 'bidi' }, 'ann', 6)).createdAt).toBe(6)
    await agreeSurface(state, 's', 'bob', 7)
    const again = proposeSurface(state, definition, 'ann', 8)
    await expect(again).rejects.toBeInstanceOf(SurfaceStateError)
    await expect(again).rejects.toMatchObject({
      surfaceId: 's',
      currentStatus: 'agreed',
      requiredStatus: 'absent',
    })
  })

  it('compares names with a vault where there is one', async () => {
    const db = await openOffice('bob')
    await fill(db, 'acme', { partners: { p: { name: 'P' } }, bills: {} })
    const vault = await db.openVault('acme')
    const known = { ...definition, collections: ['partners'], fields: { partners: ['id', 'name'] } }
    expect(await proposeSurface(state, known, 'ann', 5, vault)).toMatchObject({ status: 'proposed' })
    const misspelt = [
      { collections: ['partner'] },
      { collections: ['partners'], fields: { partners: ['nmae'] } },
    ]
    for (const slice of misspelt) {
      await expect(assertKnownNames(vault, slice)).rejects.toMatchObject({ code: 'SURFACE_INVALID' })
    }
  })
})

describe('agreeSurface', () => {
  it('agrees once, for somebody else than the proposer, and notes when', async () => {
    const missing = agreeSurface(state, 's', 'bob', 7)
    await expect(missing).rejects.toBeInstanceOf(SurfaceNotFoundError)
    await expect(missing).rejects.toMatchObject({ code: 'SURFACE_NOT_FOUND', surfaceId: 's' })
    await proposeSurface(state, definition, 'ann', 5)
    await expect(agreeSurface(state, 's', 'ann', 7)).rejects.toMatchObject({ code: 'SURFACE_OWN_PROPOSAL' })
    const row = await agreeSurface(state, 's', 'bob', 7)
    expect(row).toMatchObject({ status: 'agreed', agreedBy: 'bob', agreedAt: 7 })
    const again = agreeSurface(state, 's', 'carl', 8)
    await expect(again).rejects.toMatchObject({
      name: 'SurfaceStateError',
      message: 'Surface s is agreed; it has to be proposed.',
    })
    await state.updateSurface('s', { status: 'suspended' })
    await expect(agreeSurface(state, 's', 'carl', 8)).rejects.toMatchObject({ currentStatus: 'suspended' })
  })
})

describe('actOnSurface', () => {
  it('follows the same table by name, one session after the other', async () => {
    await proposeSurface(state, definition, 'ann', 5)
    await agreeSurface(state, 's', 'bob', 7)
    const byBob = await actOnSurface(state, 's', { kind: 'suspend', by: 'bob' }, 8)
    expect(byBob).toMatchObject({ status: 'suspended', agreement: { suspendedBy: ['other'] } })
    const resume = { kind: 'resume', by: 'ann' } as const
    await expect(actOnSurface(state, 's', resume, 9)).rejects.toMatchObject({ code: 'SURFACE_STATE' })
    await expect(actOnSurface(state, 's', { kind: 'resume', by: 'eve' }, 9)).rejects.toMatchObject({
      code: 'SURFACE_PARTY',
    })
    await actOnSurface(state, 's', { kind: 'resume', by: 'bob' }, 9)
    const narrower = {
      kind: 'narrow',
      by: 'bob',
      terms: { ...definition, collections: ['partners'] },
    } as const
    expect(await actOnSurface(state, 's', narrower, 9)).toMatchObject({
      collections: ['partners'],
      status: 'agreed',
      agreement: { version: 2 },
    })
    const end = await actOnSurface(state, 's', { kind: 'withdraw', by: 'ann' }, 9)
    expect(end).toMatchObject({
      status: 'suspended',
      ending: 'withdrawn',
      agreement: { endedBy: 'proposer' },
    })
  })

  it('declines', async () => {
    await proposeSurface(state, definition, 'ann', 5)
    const declined = await actOnSurface(state, 's', { kind: 'decline', by: 'bob' }, 9)
    expect(declined).toMatchObject({ status: 'suspended', ending: 'declined' })
    await expect(agreeSurface(state, 's', 'bob', 9)).rejects.toMatchObject({ code: 'SURFACE_STATE' })
  })

  it('two sessions do not overwrite each other', async () => {
    const store = memory()
    const [mine, theirs] = await Promise.all(
      ['ann', 'ann'].map(async (user) => StateManagementVault.open(await openOffice(user, store))),
    )
    await proposeSurface(mine!, definition, 'ann', 5)
    await theirs!.getSurface('s')
    await agreeSurface(mine!, 's', 'bob', 7)
    await Promise.all([
      markSynced(theirs!, 's', 100),
      actOnSurface(mine!, 's', { kind: 'suspend', by: 'ann' }, 8),
      actOnSurface(theirs!, 's', { kind: 'suspend', by: 'bob' }, 8),
    ])
    expect(await theirs!.getSurface('s')).toMatchObject({
      lastSyncAt: 100,
      status: 'suspended',
      agreement: { suspendedBy: ['other', 'proposer'] },
    })
  })
})

describe('due', () => {
  const row: SurfaceRow = { ...definition, id: 's', status: 'agreed', proposedBy: 'a', createdAt: 0 }
  const { cadenceMs: _cadence, ...manual } = row
  it.each<[string, SurfaceRow, boolean]>([
    ['manual', manual, false],
    ['not agreed', { ...row, status: 'proposed' }, false],
    ['suspended', { ...row, status: 'suspended' }, false],
    ['never synced', row, true],
    ['before its time', { ...row, lastSyncAt: 1, nextSyncDueAt: 101 }, false],
    ['at its time', { ...row, lastSyncAt: 1, nextSyncDueAt: 100 }, true],
    ['synced without a time', { ...row, lastSyncAt: 1 }, true],
    ['over', { ...row, expiresAt: 100 }, false],
  ])('%s', (_name, surface, due) => {
    expect(isSurfaceDue(surface, 100)).toBe(due)
    expect(listDueSurfaces([manual, surface, row], 100).length).toBe(due ? 2 : 1)
  })

  it('markSynced notes now and the next time, whatever the status', async () => {
    await expect(markSynced(state, 's', 1)).rejects.toBeInstanceOf(SurfaceNotFoundError)
    await proposeSurface(state, definition, 'ann', 5)
    expect(await markSynced(state, 's', 50)).toMatchObject({
      lastSyncAt: 50,
      nextSyncDueAt: 10_050,
      status: 'proposed',
    })
    const { status: _status, proposedBy: _by, createdAt: _at, ...def } = manual
    await proposeSurface(state, { ...def, id: 'm' }, 'ann', 5)
    expect(await markSynced(state, 'm', 50)).toMatchObject({ nextSyncDueAt: 50 })
  })
})

describe('SurfaceCadenceScheduler', () => {
  it('calls after each full interval, replaces what runs, and stops', () => {
    vi.useFakeTimers()
    const calls: string[] = []
    const scheduler = new SurfaceCadenceScheduler(() => 42)
    expect(scheduler.now).toBe(42)
    scheduler.start('a', 100, () => calls.push('first'))
    vi.advanceTimersByTime(99)
    expect(calls).toEqual([])
    vi.advanceTimersByTime(1)
    scheduler.start('a', 50, () => calls.push('second'))
    scheduler.start('b', 100, () => calls.push('b'))
    vi.advanceTimersByTime(100)
    expect(calls).toEqual(['first', 'second', 'b', 'second'])
    scheduler.stop('nobody')
    scheduler.stop('b')
    scheduler.stopAll()
    vi.advanceTimersByTime(1_000)
    expect(calls).toHaveLength(4)
  })

  it('waits longer than one timer can', () => {
    vi.useFakeTimers()
    let calls = 0
    const month = 31 * 86_400_000
    new SurfaceCadenceScheduler().start('a', month, () => (calls += 1))
    vi.advanceTimersByTime(month - 1)
    expect(calls).toBe(0)
    vi.advanceTimersByTime(month + 1)
    expect(calls).toBe(2)
  })
})
