import { memory } from '@noy-db/hub/memory'
import { afterAll, expect, test } from 'vitest'
import { openOffice } from '../fixture-office.ts'
import { closedPeriods, closePeriod } from '../invariants/closed-periods.ts'
import { compiled } from './fixture-template.ts'
import { withTransforms } from './migrating-template.ts'
import { createExpressionRunner } from './runner/runner.ts'

const runner = createExpressionRunner()
afterAll(() => runner.close())

/** The template at version 2, whose transform is this expression. */
function next(expression: string) {
  return compiled((template) => {
    template.version = 2
    template.transforms = [{ to: 2, collection: 'notes', expression, note: 'Under test.' }]
    template.collections['notes']?.fields.push({ path: 'total', label: 'Total', type: 'money' })
  })
}

const first = compiled((template) => {
  template.version = 1
  template.transforms = []
})

async function migrate(expression: string) {
  const store = memory()
  const before = await openOffice('anna', store)
  const old = await before.openVault('v')
  first.configure(old)
  const notes = old.collection<Record<string, unknown>>('notes')
  await notes.put('a', { title: 'a', date: '2026-05-01', total: 5 })
  await notes.put('b', { title: 'b', date: '2026-06-01', total: 5 })
  await old._drainPendingSchemaWrites()
  await closePeriod(before, old, '2026-05')
  before.close()
  const after = await openOffice('anna', store)
  const vault = await after.openVault('v')
  const closedIn = async (): Promise<ReadonlySet<string>> => new Set((await closedPeriods(vault)).keys())
  withTransforms(next(expression), { runner, versionOf: () => 1, closedIn }).configure(vault)
  await vault.runSchemaCutover()
  const bodies = await vault.collection<Record<string, unknown>>('notes').entries()
  after.close()
  return bodies.map(({ record }) => record)
}

test('a closed period keeps its amounts and its records, in whatever shape', async () => {
  const reshaped = await migrate('$merge([$, { "title": $uppercase(title) }])')
  expect(reshaped).toMatchObject([
    { title: 'A', total: 5 },
    { title: 'B', total: 5 },
  ])
  const later = await migrate('date = "2026-06-01" ? $merge([$, { "total": 6 }]) : $')
  expect(later).toMatchObject([{ total: 5 }, { total: 6 }])
  await expect(migrate('$merge([$, { "total": 6 }])')).rejects.toMatchObject({
    code: 'TRANSFORM_ROWS_REFUSED',
    rows: [{ id: 'a', message: 'Total would change in the closed period 2026-05.' }],
  })
  await expect(migrate('$merge([$, { "date": "2026-07-01" }])')).rejects.toMatchObject({
    rows: [{ id: 'a', message: 'It would leave or enter the closed period 2026-05.' }],
  })
})
