import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { CallError } from '../lib/api.ts'
import { ConflictDesk } from './conflict-desk.svelte.ts'
import { fakeMain, type FakeMain, freight, shipName } from './conflict-fixture.ts'
import { ConflictPreview } from './conflict-preview.svelte.ts'
import { ConflictQueue, pageSize } from './conflict-queue.svelte.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(300)
const refused = (code: 'CONFLICT_MOVED' | 'INTERNAL'): CallError => new CallError({ code, message: '' })

async function open(main: FakeMain): Promise<ConflictDesk> {
  const desk = new ConflictDesk(main.api)
  await desk.queue.refresh()
  await desk.open(desk.queue.current)
  return desk
}

/** Answers to lists are kept back until they are let go. */
function holdLists(main: FakeMain): { first: () => void; rest: () => void } {
  const held: (() => void)[] = []
  const list = main.api.list.bind(main.api)
  vi.spyOn(main.api, 'list').mockImplementation(async (input) => {
    const answer = await list(input)
    await new Promise<void>((resolve) => held.push(resolve))
    return answer
  })
  return { first: () => held.shift()?.(), rest: () => held.splice(0).forEach((go) => go()) }
}

describe('queue', () => {
  test('fetches the pages that are looked at, once', async () => {
    const { api } = fakeMain(350)
    const list = vi.fn(api.list)
    const queue = new ConflictQueue({ list, counts: () => api.counts() })
    await queue.refresh()
    expect([queue.total, queue.position, list.mock.calls.length]).toEqual([350, '1 of 350', 1])
    queue.show(pageSize - 5, pageSize + 10)
    queue.show(pageSize - 5, pageSize + 12)
    await settle()
    expect(list.mock.calls.length).toBe(2)
    expect(queue.rows[pageSize]?.title).toBe('Invoice 10348')
    expect(queue.rows[pageSize * 3]).toBeUndefined()
  })

  test('many events make one refetch, and the cursor follows its conflict', async () => {
    const main = fakeMain(5)
    const desk = await open(main)
    desk.queue.select(3)
    const list = vi.spyOn(main.api, 'list')
    main.change('C1', { status: 'decided' })
    for (let at = 0; at < 20; at += 1) desk.queue.changed()
    await settle()
    expect(list).toHaveBeenCalledTimes(1)
    expect([desk.queue.index, desk.queue.current?.conflictId]).toEqual([2, 'C4'])
  })

  test('a failure keeps the rows that are there', async () => {
    const main = fakeMain(3)
    const desk = await open(main)
    vi.spyOn(main.api, 'list').mockRejectedValue(refused('INTERNAL'))
    await desk.queue.refresh()
    expect(desk.queue.rows.length).toBe(3)
    expect(desk.queue.problem).toBeInstanceOf(CallError)
  })
})

describe('desk', () => {
  test('after a decision the next one is under the cursor, at the same place', async () => {
    const main = fakeMain(3)
    const desk = await open(main)
    desk.queue.select(1)
    await desk.open(desk.queue.current)
    desk.draft?.pickAll('theirs')
    expect(await desk.apply()).toBe('decided')
    expect(main.sent).toEqual([{ id: 'C2', resolution: { kind: 'theirs' }, reason: undefined }])
    expect([desk.queue.position, desk.queue.current?.conflictId]).toEqual(['2 of 2', 'C3'])
    await settle()
    expect([desk.queue.position, desk.queue.current?.conflictId]).toEqual(['2 of 2', 'C3'])
  })

  test('nothing is sent while a field waits or the preview forbids it', async () => {
    const main = fakeMain(1)
    const desk = await open(main)
    expect(await desk.apply()).toBe('open')
    desk.draft?.pickAll('ours')
    main.issues = [{ path: 'freight', message: 'must not be negative' }]
    desk.preview.ask({ vault: 'V1', collection: 'invoices', conflictId: 'C1' }, { kind: 'ours' })
    await settle()
    expect(await desk.apply()).toBe('invalid')
    expect(main.sent).toEqual([])
  })

  test('a draft survives moving around', async () => {
    const desk = await open(fakeMain(3))
    desk.draft?.pickField('freight', 'theirs')
    desk.queue.move(1)
    await desk.open(desk.queue.current)
    expect(desk.draft?.open).toEqual(['freight', 'shipName'])
    desk.queue.move(-1)
    await desk.open(desk.queue.current)
    expect(desk.draft?.open).toEqual(['shipName'])
  })

  test('undo brings the conflict back to its place, with its picks', async () => {
    const main = fakeMain(3)
    const desk = await open(main)
    desk.draft?.pickAll('ours')
    await desk.apply()
    await desk.open(desk.queue.current)
    expect(await desk.undo()).toBe(1)
    await desk.open(desk.queue.current)
    expect([desk.queue.position, desk.queue.current?.conflictId]).toEqual(['1 of 3', 'C1'])
    expect(desk.draft?.ready).toBe(true)
    expect(await desk.undo()).toBeNull()
  })

  test('undo brings the conflict under the cursor, whichever of two fetches places the rows', async () => {
    const main = fakeMain(4)
    const desk = await open(main)
    desk.queue.select(1)
    await desk.open(desk.queue.current)
    desk.draft?.pickAll('ours')
    await desk.apply()
    await settle()
    const answer = holdLists(main)
    const undone = desk.undo()
    await vi.advanceTimersByTimeAsync(10)
    desk.changed()
    await settle()
    answer.first()
    await undone
    answer.rest()
    await settle()
    expect([desk.queue.position, desk.queue.current?.conflictId]).toEqual(['2 of 4', 'C2'])
  })

  test('moving on after an undo is not taken back by a fetch still under way', async () => {
    const main = fakeMain(4)
    const desk = await open(main)
    desk.draft?.pickAll('ours')
    await desk.apply()
    await settle()
    const answer = holdLists(main)
    void desk.undo()
    await vi.advanceTimersByTimeAsync(10)
    desk.queue.move(1)
    answer.first()
    await settle()
    expect(desk.queue.current?.conflictId).toBe('C3')
  })

  test('a record that moved is read again; picks that hold stay, and the draft is not lost', async () => {
    const main = fakeMain(1)
    const desk = await open(main)
    desk.draft?.pickAll('theirs')
    main.refusal = refused('CONFLICT_MOVED')
    main.change('C1', { fields: [{ ...freight, theirs: 9 }, shipName], moved: true, recordVersion: 4 })
    expect(await desk.apply()).toBe('failed')
    expect(desk.draft?.open).toEqual(['freight'])
    expect(desk.draft?.rebased).toEqual({ kept: 1, dropped: 1 })
    expect(desk.problem).toBeInstanceOf(CallError)
  })

  test('another failure leaves everything as it was', async () => {
    const main = fakeMain(2)
    const desk = await open(main)
    desk.draft?.pickAll('theirs')
    main.refusal = refused('INTERNAL')
    expect(await desk.apply()).toBe('failed')
    expect([desk.queue.total, desk.draft?.ready]).toEqual([2, true])
    expect(await desk.apply()).toBe('decided')
  })

  test('closing asks for a reason', async () => {
    const main = fakeMain(1)
    const desk = await open(main)
    expect(await desk.close()).toBe('open')
    if (desk.draft) desk.draft.reason = 'record was merged'
    expect(await desk.close()).toBe('decided')
    expect(main.sent).toEqual([{ id: 'C1', resolution: { kind: 'close' }, reason: 'record was merged' }])
  })

  test('locking forgets what was read', async () => {
    const desk = await open(fakeMain(2))
    desk.forget()
    expect([desk.draft, desk.queue.rows.length, desk.queue.loading]).toEqual([null, 0, true])
  })
})

test('a late answer to an older preview is dropped', async () => {
  const answers: ((message: string) => void)[] = []
  const ask = () =>
    new Promise<{ result: null; issues: { path: string; message: string }[]; moved: boolean }>((resolve) => {
      answers.push((message) => resolve({ result: null, issues: [{ path: '', message }], moved: false }))
    })
  const preview = new ConflictPreview(ask, 10)
  const ref = { vault: 'V', collection: 'c', conflictId: 'C' }
  preview.ask(ref, { kind: 'ours' })
  await settle()
  preview.ask(ref, { kind: 'theirs' })
  await settle()
  answers[1]?.('new')
  answers[0]?.('old')
  await settle()
  expect([preview.answer?.issues[0]?.message, preview.pending]).toEqual(['new', false])
})
