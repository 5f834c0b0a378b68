/** Files of other programs on the command line: looked at, tried, imported, and the profiles that read them. */
import { utils, write } from '@e965/xlsx'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { newWorkspace, passphrase, testFolder } from '../console/test/fixture.ts'
import { klum } from './klum.ts'

interface Answer {
  readonly code: number
  readonly json: Record<string, unknown>
}

async function ask(...words: string[]): Promise<Answer> {
  const out: string[] = []
  const streams = { out: (line: string) => void out.push(line), error: (line: string) => void out.push(line) }
  const code = await klum([...words, '--json'], streams, new AbortController().signal)
  return { code, json: JSON.parse(out.join('\n')) as Record<string, unknown> }
}

async function office() {
  const made = await newWorkspace()
  await made.clients.create({ name: 'Alfreds', key: 'ALFKI' })
  await made.close()
  const secret = join(made.folder, 'passphrase')
  writeFileSync(secret, `${passphrase}\n`, { mode: 0o600 })
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(made.folder, name), content)
    return join(made.folder, name)
  }
  const at = (...words: string[]) => ask(...words, '--workspace', made.file, '--passphrase-file', secret)
  return { klum: at, file }
}

const csv = 'No;Company;Phone\n1;Alfreds;030\n2;Bergs\n3;Drachen;0241\n'
const crm = {
  format: 1,
  id: 'crm',
  name: 'CRM export',
  kind: 'csv',
  collection: 'contacts',
  key: ['No'],
  fields: [
    { path: 'company', from: { as: 'text', column: 'Company' }, required: true },
    { path: 'phone', from: { as: 'text', column: 'Phone' } },
  ],
}

describe('klum dock', () => {
  test('imports by a kept profile, bound to the plan that was told, and once only', async () => {
    const { klum, file } = await office()
    const profile = file('crm.json', JSON.stringify(crm))
    expect(await klum('profiles', 'save', profile)).toMatchObject({ code: 0, json: { id: 'crm' } })
    expect(await klum('profiles', 'save', profile)).toMatchObject({
      code: 2,
      json: { error: { code: 'CONFLICT' } },
    })
    expect((await klum('profiles', 'save', profile, '--force')).code).toBe(0)
    const { profiles } = (await klum('profiles', 'list')).json
    expect(profiles).toEqual([
      { id: 'crm', name: 'CRM export', kind: 'csv', collection: 'contacts', saved: true },
      { id: 'ubl-invoices', name: 'UBL invoices', kind: 'ubl', collection: 'invoices', saved: false },
      { id: 'ofx-statements', name: 'Bank statements', kind: 'ofx', collection: 'payments', saved: false },
    ])
    expect((await klum('profiles', 'show', 'CRM export')).json).toMatchObject(crm)

    const words = [file('january.csv', csv), '--client', 'Alfreds', '--profile', 'crm']
    const plan = await klum('dock', 'plan', ...words)
    expect(plan).toMatchObject({ code: 1, json: { counts: { insert: 2, refuse: 1 } } })
    const refused = plan.json['refused'] as { id: string; place: string }[]
    expect(refused).toMatchObject([{ place: 'line 3', fault: { code: 'SOURCE_FAULT' } }])
    const hash = String(plan.json['hash'])
    const blocked = await klum('dock', 'import', ...words, '--expect', hash)
    expect(blocked).toMatchObject({ code: 2, json: { error: { code: 'ROWS_REFUSED' } } })
    const exclude = ['--exclude', JSON.stringify(refused[0])]
    const other = await klum('dock', 'import', ...words, ...exclude, '--expect', 'another')
    expect(other).toMatchObject({ code: 2, json: { error: { code: 'PLAN_STALE' } } })
    const done = await klum('dock', 'import', ...words, ...exclude, '--expect', hash)
    expect(done).toMatchObject({ code: 0, json: { counts: { insert: 2, refuse: 1 }, planHash: hash } })
    expect((await klum('dock', 'plan', ...words)).json).toMatchObject({ error: { code: 'ALREADY_IMPORTED' } })
    const { imports } = (await klum('imports')).json
    expect(imports).toMatchObject([{ party: 'CRM export', fileName: 'january.csv' }])

    expect(await klum('profiles', 'remove', 'crm')).toMatchObject({ code: 0, json: { id: 'crm' } })
    const gone = await klum('dock', 'plan', ...words)
    expect(gone).toMatchObject({ code: 2, json: { error: { code: 'NOT_FOUND' } } })
    expect((await klum('profiles', 'remove', 'ubl-invoices')).json).toMatchObject({
      error: { code: 'PROFILE_NOT_FOUND' },
    })
    const faulty = file('faulty.json', JSON.stringify({ ...crm, key: [] }))
    expect((await klum('profiles', 'save', faulty)).json).toMatchObject({
      error: { code: 'PROFILE_INVALID' },
    })
  }, 120_000)

  test('makes invoices of a flat table by a profile from a file, which the import keeps', async () => {
    const { klum, file } = await office()
    const text = (path: string, column: string) => ({ path, from: { as: 'text', column }, required: true })
    const flat = {
      format: 2,
      id: 'flat',
      name: 'Flat',
      kind: 'csv',
      collection: 'invoices',
      key: ['No'],
      fields: [
        text('number', 'No'),
        text('customerName', 'Customer'),
        { path: 'issueDate', from: { as: 'date', column: 'Date' } },
        { path: 'currency', from: { as: 'constant', value: 'EUR' } },
        text('lines.*.description', 'Text'),
        text('lines.*.quantity', 'Quantity'),
        text('lines.*.unitPrice', 'Price'),
        { path: 'lines.*.amount', from: { as: 'minor', column: 'Amount', currency: { code: 'EUR' } } },
        { path: 'net', from: { as: 'sum', of: ['lines.*.amount'] } },
        { path: 'total', from: { as: 'sum', of: ['net'] } },
      ],
      lines: { path: 'lines', id: 'lineNo', rows: 'grouped' },
    }
    const sales = file(
      'sales.csv',
      'No,Customer,Date,Text,Quantity,Price,Amount\n1,Bergs,2026-05-04,Ink,2,1.50,3.00\n2,Chops,2026-05-04,Oak,1,5,5\n1,Bergs,2026-05-04,Ash,1,2,2\n',
    )
    const words = [sales, '--client', 'Alfreds', '--profile-file', file('flat.json', JSON.stringify(flat))]
    const plan = await klum('dock', 'plan', ...words)
    expect(plan).toMatchObject({ code: 0, json: { counts: { insert: 2, refuse: 0 } } })
    expect((await klum('profiles', 'list')).json['profiles']).toHaveLength(2)
    const both = await klum('dock', 'plan', ...words, '--profile', 'flat')
    expect(both).toMatchObject({ code: 2, json: { error: { code: 'BAD_INPUT' } } })
    const old = file('old.json', JSON.stringify({ ...flat, format: 1 }))
    const refused = await klum('dock', 'plan', sales, '--client', 'Alfreds', '--profile-file', old)
    expect(refused).toMatchObject({ code: 2, json: { error: { code: 'PROFILE_INVALID' } } })
    const done = await klum('dock', 'import', ...words, '--expect', String(plan.json['hash']))
    expect(done).toMatchObject({ code: 0, json: { counts: { insert: 2 } } })
    expect((await klum('profiles', 'show', 'Flat')).json).toMatchObject({ format: 2, lines: flat.lines })
  }, 120_000)

  test('says what a file is, without a workspace', async () => {
    const folder = testFolder()
    const path = join(folder, 'x.dat')
    writeFileSync(path, csv)
    expect(await ask('dock', 'inspect', path)).toMatchObject({
      code: 0,
      json: { kind: 'csv', reading: { delimiter: ';', header: true }, rows: 3, faulty: 1 },
    })
    const book = utils.book_new()
    utils.book_append_sheet(book, utils.aoa_to_sheet([['a'], [1], [2]]), 'First')
    utils.book_append_sheet(book, utils.aoa_to_sheet([['b'], [1]]), 'Second')
    writeFileSync(path, write(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer)
    const second = await ask('dock', 'inspect', path, '--table', 'Second')
    expect(second.json).toMatchObject({
      kind: 'xlsx',
      tables: ['First', 'Second'],
      columns: [{ name: 'b' }],
      rows: 1,
    })
    const database = join(folder, 'x.db')
    const db = new DatabaseSync(database)
    db.exec(`CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 'x'), (2, 'y')`)
    db.close()
    const before = readFileSync(database)
    expect((await ask('dock', 'inspect', database)).json).toMatchObject({
      kind: 'sqlite',
      tables: ['t'],
      rows: 2,
    })
    expect(readFileSync(database).equals(before)).toBe(true)

    writeFileSync(path, '%PDF-1.7')
    expect(await ask('dock', 'inspect', path)).toMatchObject({
      code: 2,
      json: { error: { code: 'FILE_UNKNOWN' } },
    })
    const wrong = await ask('dock', 'inspect', path, '--kind', 'ofx')
    expect(wrong).toMatchObject({ code: 2, json: { error: { code: 'SOURCE_INVALID' } } })
    expect((await ask('dock', 'inspect', path, '--kind', 'doc')).json).toMatchObject({
      error: { code: 'BAD_INPUT' },
    })
  }, 60_000)
})
