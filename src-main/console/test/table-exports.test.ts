/** Records of clients as files: counts, what the search leaves in, permission, and what stands in each format. */
import { read, utils } from '@e965/xlsx'
import { parse } from 'csv-parse/sync'
import { expect, test } from 'vitest'
import { fromBufferPromise } from 'yauzl'
import { text } from 'node:stream/consumers'
import type { TableFileRequest } from '../exports/table-file.ts'
import { callContext, invoice, newWorkspace, type TestConsole } from './fixture.ts'

/** Two clients; the first has two invoices, one of them with a text like a formula. */
async function office() {
  const console = await newWorkspace()
  const clients = [
    await console.clients.create({ name: 'Chevalier', key: 'vinet' }),
    await console.clients.create({ name: 'Ernst Handel', key: 'ernst' }),
  ]
  const vaults = clients.map(({ vaultId }) => vaultId)
  const [first = '', second = ''] = vaults
  const put = (vaultId: string, id: string, change: object): Promise<unknown> =>
    console.clients.saveRecord({
      vaultId,
      collection: 'invoices',
      id,
      record: { ...invoice, ...change },
      expectedVersion: 0,
    })
  await put(first, 'i1', {})
  await put(first, 'i2', { number: '10249', notes: '=HYPERLINK("x")' })
  await put(second, 'i3', { number: '10250', customerName: 'Ernst Handel' })
  return { console, vaults, first }
}

type Wanted = Partial<TableFileRequest> & Pick<TableFileRequest, 'vaults' | 'format'>

async function made(console: TestConsole, wanted: Wanted) {
  const request = {
    search: '',
    separator: 'comma' as const,
    allow: true,
    collections: ['invoices'],
    ...wanted,
  }
  const { file, records } = await console.exports.tables(request, callContext())
  return { ...(await console.files.read(file.handle)), records }
}

async function unzipped(bytes: Uint8Array): Promise<Record<string, string>> {
  const archive = await fromBufferPromise(Buffer.from(bytes))
  const files: Record<string, string> = {}
  for await (const entry of archive.eachEntry())
    files[entry.fileName] = await text(await archive.openReadStreamPromise(entry))
  return files
}

test('counts tell what would leave, and who has not allowed a format', async () => {
  const { console, vaults } = await office()
  const all = await console.exports.tableFacts({ vaults, search: '' })
  expect(all.collections.find(({ name }) => name === 'invoices')).toEqual({
    name: 'invoices',
    label: 'Invoices',
    records: 3,
    found: 3,
  })
  expect(all.withheld).toContainEqual({ format: 'xlsx', clients: ['Chevalier', 'Ernst Handel'] })
  const found = await console.exports.tableFacts({ vaults, search: 'ernst' })
  expect(found.collections.find(({ name }) => name === 'invoices')).toMatchObject({ records: 3, found: 1 })
})

test('nothing leaves in a format that was not allowed; allowing one keeps those before and is in the trail', async () => {
  const { console, vaults, first } = await office()
  await expect(made(console, { vaults, format: 'csv', allow: false })).rejects.toMatchObject({
    code: 'NO_ACCESS',
    message: expect.stringContaining('Nothing was exported') as unknown,
  })
  await made(console, { vaults: [first], format: 'csv' })
  await made(console, { vaults: [first], format: 'jsonl' })
  await made(console, { vaults: [first], format: 'csv', allow: false })
  const { withheld } = await console.exports.tableFacts({ vaults, search: '' })
  expect(
    withheld.filter(({ clients }) => !clients.includes('Chevalier')).map(({ format }) => format),
  ).toEqual(['csv', 'jsonl'])
  const { rows } = await console.activity.list({ vault: first, limit: 3 })
  expect(rows[0]?.command).toBe('access.setExportCapability')
  const trail = await console.activity.list({ command: 'exports.tables', limit: 9 })
  expect(trail.rows).toHaveLength(3)
})

test('a workbook has a sheet for each client and collection, and says what was left out', async () => {
  const { console, vaults } = await office()
  const whole = await made(console, { vaults, format: 'xlsx' })
  expect(whole).toMatchObject({ records: 3 })
  expect(whole.name).toMatch(/^alder-co-2-clients-invoices-\d{4}-\d\d-\d\d\.xlsx$/)
  const book = read(whole.bytes)
  expect(book.SheetNames).toEqual(['_manifest', '_about', 'Chevalier_Invoices', 'Ernst Handel_Invoices'])
  const sheet = book.Sheets['Chevalier_Invoices'] ?? {}
  expect(utils.sheet_to_json<Record<string, unknown>>(sheet).map((row) => row['Number'])).toEqual([
    '10248',
    '10249',
  ])

  const some = await made(console, { vaults, format: 'xlsx', search: 'ernst' })
  expect(some).toMatchObject({ records: 1 })
  expect(some.name).toContain('-only-ernst-')
  const about = utils.sheet_to_json(read(some.bytes).Sheets['_about'] ?? {}, { header: 1 })
  expect(about).toContainEqual(['Filter', 'records with “ernst”'])
  expect(utils.sheet_to_json(read(some.bytes).Sheets['Chevalier_Invoices'] ?? {})).toEqual([])
})

test('one table is a CSV whose texts are no formulas; several are an archive of them', async () => {
  const { console, vaults, first } = await office()
  const one = await made(console, { vaults: [first], format: 'csv', separator: 'semicolon' })
  expect(one.name).toMatch(/^chevalier-invoices-.*\.csv$/)
  const rows = parse<Record<string, string>>(Buffer.from(one.bytes), {
    bom: true,
    columns: true,
    delimiter: ';',
  })
  expect(rows.map((row) => [row['Number'], row['Total'], row['Notes']])).toEqual([
    ['10248', '298,38', ''],
    ['10249', '298,38', `'=HYPERLINK("x")`],
  ])
  const many = await made(console, { vaults, format: 'csv' })
  expect(many).toMatchObject({ records: 3 })
  expect(many.name).toMatch(/\.zip$/)
  const files = await unzipped(many.bytes)
  expect(Object.keys(files)).toEqual(['about.txt', 'chevalier/invoices.csv', 'ernst-handel/invoices.csv'])
  expect(files['about.txt']).toContain('Filter: none: every record')
  expect(files['ernst-handel/invoices.csv']?.split('\r\n')).toHaveLength(3)
})

test('lines and report hold the same records; the report says who and what', async () => {
  const { console, vaults } = await office()
  const lines = Buffer.from((await made(console, { vaults, format: 'jsonl', search: 'i1' })).bytes).toString()
  expect(
    lines
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { record: unknown }).record),
  ).toEqual([invoice])
  const report = await made(console, { vaults, format: 'html', search: 'ernst' })
  expect(report).toMatchObject({ records: 1 })
  const html = Buffer.from(report.bytes).toString()
  expect(html).toContain('<dt>Filter</dt><dd>records with “ernst”</dd>')
  expect(html).toContain('<dt>Made by</dt><dd>Anna Berger</dd>')
})

test('progress counts records, and a stop leaves nothing', async () => {
  const { console, vaults } = await office()
  const seen: [number, number][] = []
  const request = { vaults, search: '', separator: 'comma', allow: true, collections: ['invoices'] } as const
  const context = callContext()
  await console.exports.tables(
    { ...request, format: 'html' },
    { ...context, progress: (done, total) => void seen.push([done, total]) },
  )
  expect(seen.at(-1)).toEqual([6, 6])
  const stopped = console.exports.tables(
    { ...request, format: 'xlsx' },
    { ...context, signal: AbortSignal.abort(new DOMException('', 'AbortError')) },
  )
  await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' })
  const { rows } = await console.activity.list({ command: 'exports.tables', limit: 9 })
  expect(rows).toHaveLength(1)
})
