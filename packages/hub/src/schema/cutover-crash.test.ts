/** Killed at any write and run again, a cutover ends as if nothing had happened. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memory } from '../memory.ts'
import { bareStore } from '../noydb/test-session.ts'
import type { NoydbStore } from '../types/store.ts'
import { openNew, seed, toCents } from './fixture-cutover.ts'

class Crash extends Error {}

/**
 * Dies at its nth write after `arm(n)`, before or after that write reached the disk, and stays dead, or fails
 * `failures` times and recovers.
 */
function dyingStore(inner: NoydbStore, failures = Infinity) {
  let left = Infinity
  let afterWrite = false
  const dying =
    <A extends unknown[]>(write: (...args: A) => Promise<void>) =>
    async (...args: A): Promise<void> => {
      left -= 1
      if (left < -failures) return write(...args)
      if (left < 0 && !(afterWrite && left === -1)) throw new Crash('the process died')
      await write(...args)
      if (left < 0) throw new Crash('the process died')
    }
  const { tx } = inner
  const store: NoydbStore = { ...inner, put: dying(inner.put), delete: dying(inner.delete) }
  const arm = (writes: number, after: boolean): void => {
    left = writes
    afterWrite = after
  }
  return { store: tx === undefined ? store : { ...store, tx: dying(tx) }, arm, wrote: () => left }
}

interface Outcome {
  readonly records: unknown
  readonly versions: unknown
  readonly story: unknown
  readonly audit: boolean
  readonly generation: number
}

const KEPT = { history: true, audit: true }

async function outcome(store: NoydbStore): Promise<Outcome> {
  const { vault, invoices } = await openNew(store, KEPT)
  expect(await vault.runSchemaCutover()).toMatchObject({ migrated: 0 })
  const entries = await invoices.entries()
  const cutovers = (await vault.audit.list()).filter(({ command }) => command === 'schema.cutover')
  return {
    records: entries.map(({ record }) => record),
    versions: entries.map(({ metadata }) => metadata.version),
    story: [
      (await invoices.history('i0')).map(({ record }) => record),
      cutovers.map(({ changes }) => changes),
    ],
    audit: (await vault.audit.verify()).ok,
    generation: (await vault.schemaFenceState()).currentSchemaVersion,
  }
}

async function undisturbed(makeInner: () => NoydbStore, count: number) {
  const inner = makeInner()
  await seed(inner, count, KEPT)
  const { store, arm, wrote } = dyingStore(inner)
  const { vault } = await openNew(store, KEPT)
  arm(1_000_000, false)
  await vault.runSchemaCutover()
  return { expected: await outcome(inner), writes: 1_000_000 - wrote() }
}

// A dead session cannot open its fence again, and says so.
beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined))
afterEach(() => vi.restoreAllMocks())

const COUNT = 7
const HOUR = 3_600_000

describe.each([
  ['a store with tx', memory],
  ['a bare store', () => bareStore()],
])('a cutover on %s', (_name, makeInner: () => NoydbStore) => {
  it(
    'killed at a random step and run again equals one that was not killed',
    { timeout: 120_000 },
    async () => {
      const { expected, writes } = await undisturbed(makeInner, COUNT)
      expect(expected).toMatchObject({ audit: true, generation: 1 })
      const steps = fc.array(fc.record({ at: fc.nat({ max: writes }), after: fc.boolean() }), {
        minLength: 1,
        maxLength: 3,
      })
      await fc.assert(
        fc.asyncProperty(steps, async (crashes) => {
          const inner = makeInner()
          await seed(inner, COUNT, KEPT)
          for (const [nth, { at, after }] of crashes.entries()) await crashAt(inner, nth, at, after)
          // The dead one's lease is over, and nothing is transformed twice: `toCents` would throw.
          const clock = (): number => Date.now() + HOUR * (crashes.length + 1)
          const { vault } = await openNew(inner, { ...KEPT, clock, how: { transform: toCents } })
          await vault.runSchemaCutover()
          expect(await outcome(inner)).toEqual(expected)
        }),
        { numRuns: 60 },
      )
    },
  )

  it('killed at each step in turn does as well', { timeout: 120_000 }, async () => {
    const { expected, writes } = await undisturbed(makeInner, 3)
    for (let at = 0; at <= writes; at += 1) {
      for (const after of [false, true]) {
        const inner = makeInner()
        await seed(inner, 3, KEPT)
        await crashAt(inner, 0, at, after)
        const { vault } = await openNew(inner, { ...KEPT, clock: () => Date.now() + 2 * HOUR })
        await vault.runSchemaCutover()
        expect(await outcome(inner), `killed ${after ? 'after' : 'before'} write ${at}`).toEqual(expected)
      }
    }
  })
})

/** Not killed, but without its disk for a while. */
it.each([1, 2, 3, 4])('goes on in the same session after %i failed writes', async (failures) => {
  const { expected, writes } = await undisturbed(() => bareStore(), 3)
  for (let at = 0; at <= writes; at += 1) {
    const inner = bareStore()
    await seed(inner, 3, KEPT)
    const { store, arm } = dyingStore(inner, failures)
    const { vault } = await openNew(store, KEPT)
    arm(at, false)
    for (let run = 0; run <= failures; run += 1) await vault.runSchemaCutover().catch(expectCrash)
    expect(await outcome(inner), `failing from write ${at}`).toEqual(expected)
  }
})

function expectCrash(error: unknown): void {
  expect(error).toBeInstanceOf(Crash)
}

async function crashAt(inner: NoydbStore, nth: number, at: number, after: boolean): Promise<void> {
  const { store, arm } = dyingStore(inner)
  const { vault } = await openNew(store, { ...KEPT, clock: () => Date.now() + nth * HOUR })
  arm(at, after)
  await vault.runSchemaCutover().catch(expectCrash)
}
