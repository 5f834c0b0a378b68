import { expect, test } from 'vitest'
import { AppError } from '../app-error.ts'
import { invoice, newWorkspace, passphrase, testConsole, type TestConsole } from './fixture.ts'
import { changedRows, rawRows } from './raw-rows.ts'

const page = { search: '', offset: 0, limit: 100 }

async function withClient(): Promise<{ console: TestConsole; vaultId: string }> {
  const console = await newWorkspace()
  const { vaultId } = await console.clients.create({ name: 'Vins et alcools Chevalier', key: 'VINET' })
  return { console, vaultId }
}

test('a client is made once per key, with the collections of its template', async () => {
  const { console, vaultId } = await withClient()
  expect(vaultId).toBe('clients--VINET')
  const again = console.clients.create({ name: 'Another', key: 'VINET' })
  await expect(again).rejects.toMatchObject({ code: 'BAD_INPUT', details: { issues: [{ path: 'key' }] } })
  const detail = await console.clients.get(vaultId)
  expect(detail).toMatchObject({
    name: 'Vins et alcools Chevalier',
    access: 'open',
    records: 0,
    openConflicts: 0,
  })
  expect(detail.collections.map(({ label }) => label)).toEqual([
    'Invoices',
    'Payments',
    'Contacts',
    'Products',
  ])
  await expect(console.clients.get('clients--none')).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a client that was made has all its rows, even when the program closes at once', async () => {
  const { console, vaultId } = await withClient()
  await console.close()
  const again = testConsole({ file: console.file }, console.folder)
  await again.workspace.unlock(passphrase)
  const made = await rawRows(again)
  const schemas = [...made.keys()].filter((key) => key.startsWith(`${vaultId}/_schemas/`))
  expect(schemas).toHaveLength(4)
  const vault = await again.session.current?.vault(vaultId)
  await vault?._drainPendingSchemaWrites()
  expect(changedRows(made, await rawRows(again))).toEqual([])
})

test('a record is saved, changed, kept in history and refused when stale', async () => {
  const { console, vaultId } = await withClient()
  const key = { vaultId, collection: 'invoices', id: 'inv-10248' }
  const saved = await console.clients.saveRecord({
    ...key,
    record: { ...invoice, notes: '' },
    expectedVersion: 0,
  })
  expect(saved).toMatchObject({ title: 'Invoice 10248', version: 1, changedBy: 'Anna Berger' })
  expect(saved.record).toEqual(invoice)
  const changed = { ...invoice, freight: 3438, total: 30038 }
  const second = await console.clients.saveRecord({
    ...key,
    record: changed,
    expectedVersion: 1,
    reason: 'by phone',
  })
  expect(second.history.map(({ version }) => version)).toEqual([2, 1])
  expect(second.history[1]?.record).toEqual(invoice)
  const stale = console.clients.saveRecord({ ...key, record: invoice, expectedVersion: 1 })
  await expect(stale).rejects.toMatchObject({ code: 'VERSION_CONFLICT', details: { version: 2 } })
  const same = await console.clients.saveRecord({ ...key, record: changed, expectedVersion: 2 })
  expect(same.version).toBe(2)
  expect((await console.clients.list())[0]?.records).toBe(1)
  const { rows } = await console.activity.list({ vault: vaultId, limit: 10 })
  expect(rows.map(({ command, reason, actor }) => [command, reason, actor])).toEqual([
    ['clients.saveRecord', 'by phone', 'Anna Berger'],
    ['clients.saveRecord', null, 'Anna Berger'],
    ['clients.create', null, 'Anna Berger'],
  ])
})

test('a record that does not fit is refused with the place of each fault', async () => {
  const { console, vaultId } = await withClient()
  const record = { ...invoice, issueDate: '2026-02-30', total: 1.5, currency: undefined }
  const refused = console.clients.saveRecord({
    vaultId,
    collection: 'invoices',
    id: 'x',
    record,
    expectedVersion: 0,
  })
  const error: unknown = await refused.catch((thrown: unknown) => thrown)
  if (!(error instanceof AppError)) throw new Error('it was saved')
  expect(error.code).toBe('RECORD_INVALID')
  expect(error.details?.['issues']).toEqual([
    { path: 'currency', message: 'is missing' },
    { path: 'issueDate', message: 'must be a day that exists, as 2026-05-31' },
    { path: 'total', message: 'must be a whole number' },
  ])
  expect((await console.clients.records({ vaultId, collection: 'invoices', ...page })).total).toBe(0)
})

test('records are searched, sorted and paged', async () => {
  const { console, vaultId } = await withClient()
  for (const [number, total, customerName] of [
    ['9', 300, 'Ernst Handel'],
    ['10', 100, 'Ernst Handel'],
    ['11', 200, 'Bólido Comidas'],
  ] as const) {
    const record = { ...invoice, number, total, customerName, freight: 0 }
    await console.clients.saveRecord({
      vaultId,
      collection: 'invoices',
      id: `i${number}`,
      record,
      expectedVersion: 0,
    })
  }
  const ask = (more: object) => console.clients.records({ vaultId, collection: 'invoices', ...page, ...more })
  const natural = await ask({ limit: 2 })
  expect(natural.rows.map(({ title }) => title)).toEqual(['Invoice 9', 'Invoice 10'])
  expect(natural).toMatchObject({ total: 3, cursor: '2' })
  expect((await ask({ offset: 2, limit: 2 })).rows.map(({ title }) => title)).toEqual(['Invoice 11'])
  const byTotal = await ask({ sort: { path: 'total', direction: 'desc' } })
  expect(byTotal.rows.map(({ values }) => values.at(-1))).toEqual([300, 200, 100])
  expect((await ask({ search: 'ernst i10' })).rows.map(({ id }) => id)).toEqual(['i10'])
  await expect(console.clients.records({ vaultId, collection: 'nothing', ...page })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
})
