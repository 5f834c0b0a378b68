/** Queue, desk and preview over real services; only the renderer's own timers are ours. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { api, CallError } from '../lib/api.ts'
import { beginWorkspace, conflicts, type TestCable } from '../testing/cable.ts'
import { ConflictDesk } from './conflict-desk.svelte.ts'
import { ConflictPreview } from './conflict-preview.svelte.ts'
import { ConflictQueue, pageSize, refOf } from './conflict-queue.svelte.ts'

const passphrase = 'four plain words here'
let cable: TestCable

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** Lets every wait pass and every answer arrive, those to questions that follow included. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) {
    await vi.advanceTimersByTimeAsync(300)
    await cable.quiet()
  }
  await vi.advanceTimersByTimeAsync(0)
}

async function open(count: number): Promise<ConflictDesk> {
  cable = await beginWorkspace(conflicts(count))
  const desk = new ConflictDesk(api.conflicts)
  await desk.queue.refresh()
  await desk.open(desk.queue.current)
  return desk
}

/** Another window decides this one. */
async function decideElsewhere(desk: ConflictDesk, index: number): Promise<void> {
  const ref = refOf(desk.queue.rows[index]!)
  const { rowVersion, recordVersion } = await api.conflicts.get({ ref })
  await api.conflicts.decide({
    ref,
    resolution: { kind: 'ours' },
    expectRowVersion: rowVersion,
    expectRecordVersion: recordVersion,
  })
}

async function editHere(vaultId: string, id: string, change: object): Promise<void> {
  const key = { vaultId, collection: 'invoices', id }
  const { record, version } = await api.clients.record(key)
  await api.clients.saveRecord({ ...key, record: { ...record, ...change }, expectedVersion: version })
}

const cursor = ({ queue }: ConflictDesk) => [queue.position, queue.current?.recordId]

describe('queue', () => {
  test('fetches the pages that are looked at, once', async () => {
    cable = await beginWorkspace(conflicts(350))
    const queue = new ConflictQueue(api.conflicts)
    await queue.refresh()
    expect([queue.total, queue.position, cable.asked('conflicts.list').length]).toEqual([350, '1 of 350', 1])
    queue.show(pageSize - 5, pageSize + 10)
    queue.show(pageSize - 5, pageSize + 12)
    await settle()
    expect(cable.asked('conflicts.list').length).toBe(2)
    expect(queue.rows[pageSize]?.title).toBe('Invoice 10348')
    expect(queue.rows[pageSize * 3]).toBeUndefined()
  })

  test('many events make one refetch, and the cursor follows its conflict', async () => {
    const desk = await open(5)
    desk.queue.select(3)
    await decideElsewhere(desk, 0)
    const before = cable.asked('conflicts.list').length
    for (let at = 0; at < 20; at += 1) desk.queue.changed()
    await settle()
    expect(cable.asked('conflicts.list').length - before).toBe(1)
    expect([desk.queue.index, desk.queue.current?.recordId]).toEqual([2, '10251'])
  })

  test('a failure keeps the rows that are there', async () => {
    const desk = await open(3)
    await api.workspace.lock()
    await desk.queue.refresh()
    expect(desk.queue.rows.length).toBe(3)
    expect(desk.queue.problem).toMatchObject({ code: 'LOCKED' })
  })
})

describe('desk', () => {
  test('after a decision the next one is under the cursor, at the same place', async () => {
    const desk = await open(3)
    desk.queue.select(1)
    await desk.open(desk.queue.current)
    const decided = refOf(desk.queue.current!)
    desk.draft?.pickAll('theirs')
    expect(await desk.apply()).toBe('decided')
    expect(cable.asked('conflicts.decide')).toMatchObject([{ ref: decided, resolution: { kind: 'theirs' } }])
    expect(cable.asked('conflicts.decide')[0]).not.toHaveProperty('reason')
    expect(cursor(desk)).toEqual(['2 of 2', '10250'])
    await settle()
    expect(cursor(desk)).toEqual(['2 of 2', '10250'])
  })

  test('nothing is sent while a field waits or the preview forbids it', async () => {
    const desk = await open(1)
    expect(await desk.apply()).toBe('open')
    desk.draft?.pickAll('ours')
    desk.draft?.typeField('shipName', 'x'.repeat(201))
    desk.preview.ask(refOf(desk.queue.current!), desk.draft!.resolution)
    await settle()
    expect(desk.preview.answer?.issues).toMatchObject([{ path: 'shipName' }])
    expect(await desk.apply()).toBe('invalid')
    expect(cable.asked('conflicts.decide')).toEqual([])
  })

  test('a draft survives moving around', async () => {
    const desk = await open(3)
    desk.draft?.pickField('freight', 'theirs')
    desk.queue.move(1)
    await desk.open(desk.queue.current)
    expect(desk.draft?.open).toEqual(['freight', 'shipName'])
    desk.queue.move(-1)
    await desk.open(desk.queue.current)
    expect(desk.draft?.open).toEqual(['shipName'])
  })

  test('undo brings the conflict back to its place, with its picks', async () => {
    const desk = await open(3)
    desk.draft?.pickAll('ours')
    await desk.apply()
    await desk.open(desk.queue.current)
    expect(await desk.undo()).toBe(1)
    await desk.open(desk.queue.current)
    expect(cursor(desk)).toEqual(['1 of 3', '10248'])
    expect(desk.draft?.ready).toBe(true)
    expect(await desk.undo()).toBeNull()
  })

  test('undo brings the conflict under the cursor, whichever of two fetches places the rows', async () => {
    const desk = await open(4)
    desk.queue.select(1)
    await desk.open(desk.queue.current)
    desk.draft?.pickAll('ours')
    await desk.apply()
    await settle()
    const lists = cable.hold('conflicts.list')
    const undone = desk.undo()
    await settle()
    desk.changed()
    await settle()
    lists.first()
    await undone
    lists.rest()
    await settle()
    expect(cursor(desk)).toEqual(['2 of 4', '10249'])
  })

  test('moving on after an undo is not taken back by a fetch still under way', async () => {
    const desk = await open(4)
    desk.draft?.pickAll('ours')
    await desk.apply()
    await settle()
    const lists = cable.hold('conflicts.list')
    void desk.undo()
    await settle()
    desk.queue.move(1)
    lists.first()
    await settle()
    expect(desk.queue.current?.recordId).toBe('10250')
  })

  test('a record that moved is read again; picks that hold stay, and the draft is not lost', async () => {
    const desk = await open(1)
    desk.draft?.pickAll('ours')
    await editHere(desk.queue.current!.vault, '10248', { freight: 9 })
    expect(await desk.apply()).toBe('failed')
    expect(desk.problem).toMatchObject({ code: 'CONFLICT_MOVED' })
    expect(desk.draft?.open).toEqual(['freight'])
    expect(desk.draft?.rebased).toEqual({ kept: 1, dropped: 1 })
  })

  test('another failure leaves everything as it was', async () => {
    const desk = await open(2)
    desk.draft?.pickAll('theirs')
    await api.workspace.lock()
    expect(await desk.apply()).toBe('failed')
    expect(desk.problem).toBeInstanceOf(CallError)
    expect([desk.queue.total, desk.draft?.ready]).toEqual([2, true])
    await api.workspace.unlock({ passphrase })
    expect(await desk.apply()).toBe('decided')
  })

  test('closing asks for a reason', async () => {
    const desk = await open(1)
    expect(await desk.close()).toBe('open')
    if (desk.draft) desk.draft.reason = 'record was merged'
    expect(await desk.close()).toBe('decided')
    expect(cable.asked('conflicts.decide')).toMatchObject([
      { resolution: { kind: 'close' }, reason: 'record was merged' },
    ])
  })

  test('locking forgets what was read', async () => {
    const desk = await open(2)
    desk.connect()
    await api.workspace.lock()
    expect([desk.draft, desk.queue.rows.length, desk.queue.loading]).toEqual([null, 0, true])
  })
})

test('a late answer to an older preview is dropped', async () => {
  const desk = await open(1)
  const ref = refOf(desk.queue.current!)
  const previews = cable.hold('conflicts.preview')
  const preview = new ConflictPreview((input) => api.conflicts.preview(input), 10)
  preview.ask(ref, { kind: 'ours' })
  await settle()
  preview.ask(ref, { kind: 'theirs' })
  await settle()
  previews.last()
  await settle()
  previews.first()
  await settle()
  expect([preview.answer?.result?.['freight'], preview.pending]).toEqual([3438, false])
})
