/** The runner over real workspaces and a clock that is set by hand. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { memory } from '@noy-db/hub/memory'
import { fill } from '../fixture-office.ts'
import { agreeSurface, proposeSurface } from './agree.ts'
import { cadenceOf, type CadenceRow } from './cadence.ts'
import { exportSurface } from './export-surface.ts'
import { SurfaceRunner, type SurfaceRunnerOptions } from './runner.ts'
import { agreeBetween, DAY, definition, openParty, START, type Party } from './testing/parties.ts'
import type { SurfaceRow } from '../federation/registry/types.ts'

const HOUR = DAY / 24
const options = { graceMs: HOUR, mostBackoffMs: 6 * HOUR }
const row: SurfaceRow = {
  ...definition,
  id: 's',
  status: 'agreed',
  proposedBy: 'firm',
  createdAt: START,
  cadenceMs: DAY,
  lastSyncAt: START,
  nextSyncDueAt: START + DAY,
}
const { cadenceMs: _cadence, ...manual } = row
const { lastSyncAt: _last, nextSyncDueAt: _next, ...fresh } = row

describe('cadenceOf', () => {
  const noted = (change: Partial<CadenceRow>): CadenceRow => ({ surface: 's', failures: 1, ...change })
  it.each<[string, SurfaceRow, CadenceRow | null, number, string, number]>([
    ['manual', manual, null, START, 'off', 0],
    ['suspended', { ...row, status: 'suspended' }, null, START + 9 * DAY, 'off', 0],
    ['over', { ...row, expiresAt: START + DAY }, null, START + 9 * DAY, 'off', 0],
    ['never synced', fresh, null, START, 'due', 0],
    ['before its time', row, null, START + DAY - 1, 'waiting', 0],
    ['at its time', row, null, START + DAY, 'due', 0],
    ['at the end of the grace', row, null, START + DAY + HOUR, 'due', 0],
    ['after the grace', row, null, START + DAY + HOUR + 1, 'late', 0],
    ['three periods later', row, null, START + 4 * DAY + HOUR, 'late', 3],
    ['in a pause', row, noted({ retryAt: START + DAY + HOUR }), START + DAY, 'backing off', 0],
    ['after a pause', row, noted({ retryAt: START + DAY + HOUR }), START + DAY + HOUR, 'due', 0],
    ['in a pause no pause is as long as', row, noted({ retryAt: START + 9 * DAY }), START + DAY, 'due', 0],
    ['after the clock went back a year', row, null, START - 365 * DAY, 'due', 0],
    ['after the clock went back a minute', row, null, START - 60_000, 'waiting', 0],
  ])('%s', (_name, surface, note, now, status, missed) => {
    expect(cadenceOf(surface, note, now, options)).toMatchObject({ surface: 's', status, missed })
  })
})

describe('SurfaceRunner', () => {
  const store = memory
  let firm: Party

  beforeEach(async () => {
    firm = await openParty('firm', store())
    for (const id of ['a', 'b']) {
      await proposeSurface(firm.state, { ...definition, id, cadenceMs: DAY }, 'firm', START)
      await agreeSurface(firm.state, id, 'client', START)
    }
  })

  function runner(changed: Partial<SurfaceRunnerOptions> = {}): { runner: SurfaceRunner; ran: string[] } {
    const ran: string[] = []
    const exchange = async ({ id }: SurfaceRow): Promise<void> => void ran.push(id)
    const clock = (): number => firm.clock.now
    return {
      runner: new SurfaceRunner(firm.state, { exchange, clock, random: () => 0.5, ...options, ...changed }),
      ran,
    }
  }

  it('runs what is due, notes the sync, and does not run it again before its time', async () => {
    const { runner: one, ran } = runner()
    expect(await one.run()).toEqual([
      { surface: 'a', outcome: 'done', missed: 0 },
      { surface: 'b', outcome: 'done', missed: 0 },
    ])
    expect(await firm.surfaces.get('a')).toMatchObject({ lastSyncAt: START, nextSyncDueAt: START + DAY })
    firm.clock.now += DAY - 1
    expect(await one.run()).toEqual([])
    firm.clock.now += 3 * DAY
    expect(await one.run()).toMatchObject([{ missed: 2 }, { missed: 2 }])
    expect(ran).toEqual(['a', 'b', 'a', 'b'])
  })

  it('keeps what failed, pauses longer each time, and knows it after a restart', async () => {
    const failing = { exchange: () => Promise.reject(new Error('the disk is full')), firstBackoffMs: 1000 }
    const { runner: one } = runner(failing)
    expect(await one.run()).toMatchObject([
      { outcome: 'failed', error: { code: 'INTERNAL', message: 'the disk is full' } },
      { outcome: 'failed' },
    ])
    const [first] = await one.status()
    expect(first).toMatchObject({ status: 'backing off', failures: 1, retryAt: START + 750 })
    expect(await one.run()).toEqual([])
    firm.clock.now += 750
    const { runner: restarted } = runner(failing)
    await restarted.run()
    const [second] = await restarted.status()
    expect(second).toMatchObject({
      failures: 2,
      retryAt: START + 750 + 1500,
      lastError: { code: 'INTERNAL' },
    })
    firm.clock.now += 1500
    const { runner: working } = runner()
    await working.run()
    const [third] = await working.status()
    expect(third).toMatchObject({ status: 'waiting', failures: 0 })
    expect(third).not.toHaveProperty('lastError')
  })

  it('never pauses longer than it may', async () => {
    const { runner: one } = runner({ exchange: () => Promise.reject(new Error('no')), random: () => 0.999 })
    for (let turn = 0; turn < 20; turn += 1) {
      await one.run()
      firm.clock.now += 6 * HOUR
    }
    const [status] = await one.status()
    expect(status?.failures).toBe(20)
  })

  it('two runners do the same surface once; a dead one is taken over', async () => {
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const begun: string[] = []
    const slow = async ({ id }: SurfaceRow): Promise<void> => {
      begun.push(id)
      if (id === 'a') await held
    }
    const { runner: first } = runner({ exchange: slow })
    const { runner: second, ran } = runner()
    const running = first.run()
    await vi.waitFor(() => expect(begun).toEqual(['a']))
    expect(first.run()).toBe(running)
    expect(await second.run()).toMatchObject([
      { surface: 'a', outcome: 'busy' },
      { surface: 'b', outcome: 'done' },
    ])
    firm.clock.now += HOUR
    expect(await second.run()).toMatchObject([{ surface: 'a', outcome: 'done' }])
    release()
    await running
    expect(ran).toEqual(['b', 'a'])
    expect((await second.status()).map(({ failures, status }) => [failures, status])).toEqual([
      [0, 'waiting'],
      [0, 'waiting'],
    ])
  })

  it('alone in its workspace, one takes over at once what an ended session was at', async () => {
    const begun: string[] = []
    const stuck = (surface: SurfaceRow): Promise<void> => {
      begun.push(surface.id)
      return new Promise(() => undefined)
    }
    const { runner: ended } = runner({ exchange: stuck })
    void ended.run()
    await vi.waitFor(() => expect(begun).toEqual(['a']))
    const { runner: careful } = runner()
    expect(await careful.run()).toMatchObject([{ outcome: 'busy' }, { outcome: 'done' }])
    const { runner: next, ran } = runner({ alone: true })
    expect(await next.run()).toMatchObject([{ surface: 'a', outcome: 'done' }])
    expect(ran).toEqual(['a'])
  })

  it('leaves to others what it does not want, and that stays due', async () => {
    const { runner: one, ran } = runner({ wants: (id) => id === 'b' })
    expect(await one.run()).toMatchObject([{ surface: 'b', outcome: 'done' }])
    expect(ran).toEqual(['b'])
    expect((await one.status()).map(({ status, failures }) => [status, failures])).toEqual([
      ['due', 0],
      ['waiting', 0],
    ])
  })

  it('looks by itself while it is started, and tells what is under way to stop', async () => {
    const signals: AbortSignal[] = []
    const { runner: one } = runner({
      exchange: (_surface, signal) => {
        signals.push(signal)
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
        })
      },
    })
    one.start(10)
    await vi.waitFor(() => expect(signals).toHaveLength(1))
    const running = one.run()
    one.stop()
    expect(await running).toEqual([{ surface: 'a', outcome: 'stopped', missed: 0 }])
    expect(signals).toHaveLength(1)
    expect((await one.status()).map(({ status, failures }) => [status, failures])).toEqual([
      ['due', 0],
      ['due', 0],
    ])
    expect(await runner().runner.run()).toMatchObject([{ outcome: 'done' }, { outcome: 'done' }])
  })

  it('leaves the time of a signed export to the export', async () => {
    const client = await openParty('client')
    firm = await openParty('firm')
    await fill(firm.db, 'acme', { partners: { p1: { name: 'P', email: 'x' } } })
    await agreeBetween(firm, client)
    const vault = await firm.db.openVault('acme')
    const { runner: one } = runner({
      exchange: async (surface) => {
        await exportSurface(vault, surface, firm.gate)
      },
    })
    expect(await one.run()).toMatchObject([{ surface: 'contacts', outcome: 'done' }])
    expect(await firm.surfaces.get('contacts')).toMatchObject({ lastSyncAt: START })
  })
})
