/** Guards answer only when something is written: a locked row turns up at the apply, and can be left out by name. */
import { expect, it } from 'vitest'
import { createNoydb, RecordLockedError, type Noydb, type WriteGuard } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { exportBundle } from '../exchange/export-bundle.ts'
import { CHEAP_KDF, contents, fill, openOffice } from '../fixture-office.ts'
import { applyImport } from './apply.ts'
import { planImport } from './plan.ts'

const closedPeriods: WriteGuard = {
  collection: 'periods',
  async check({ collection, id, existing }) {
    const stored = await existing()
    const closed =
      typeof stored === 'object' && stored !== null && 'closed' in stored && stored.closed === true
    if (closed) throw new RecordLockedError(collection, id, 'the period is closed')
  },
}

async function openGuarded(): Promise<Noydb> {
  const guard = { __noydb_strategy: 'guard', spec: closedPeriods } as const
  return createNoydb({ store: memory(), user: 'firm', secret: 's', kdf: CHEAP_KDF, guardStrategies: [guard] })
}

it('refuses an import that touches a locked record, until that record is excluded', async () => {
  const client = await openOffice('client')
  await fill(client, 'books', { periods: { m1: { closed: true, n: 2 }, m2: { n: 2 } } })
  const firm = await openGuarded()
  await fill(firm, 'acme', { periods: { m1: { closed: true, n: 1 }, m2: { n: 1 } } })
  const { container, keys } = await exportBundle(client, { party: 'firm', vaults: [{ vault: 'books' }] })
  const into = Object.fromEntries(Object.keys(keys).map((handle) => [handle, 'acme']))
  const plan = await planImport(firm, { container, keys, into, strategy: 'take-incoming' })
  expect(plan.counts).toMatchObject({ update: 2 })
  const m1 = { vault: 'acme', collection: 'periods', id: 'm1' }
  await expect(applyImport(firm, plan)).rejects.toMatchObject({
    code: 'ROWS_REFUSED',
    rows: [{ ...m1, fault: { code: 'RECORD_LOCKED' } }],
  })
  const before = await contents(firm, 'acme')
  expect(before['periods']).toMatchObject({ m1: { n: 1 }, m2: { n: 1 } })
  const receipt = await applyImport(firm, plan, { exclude: [m1] })
  expect(receipt.counts).toMatchObject({ update: 1, refuse: 1 })
  expect((await contents(firm, 'acme'))['periods']).toMatchObject({ m1: { n: 1 }, m2: { n: 2 } })
})
