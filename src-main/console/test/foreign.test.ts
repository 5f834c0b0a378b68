/** Files of other programs, from the file to the receipt, through the services a screen calls. */
import { utils, write } from '@e965/xlsx'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ZipFile } from 'yazl'
import { buffer } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { LobbyError } from '@klum-db/lobby'
import { toAppError } from '../app-error.ts'
import type { Mapping, ForeignView } from '../../../src-shared/ipc/foreign.ts'
import { callContext, newWorkspace, type TestConsole } from './fixture.ts'

const context = callContext()
const data = resolve(process.env['LOBBY_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data'))
const hasData = existsSync(data)

interface Docked {
  readonly console: TestConsole
  readonly vaultId: string
  /** Writes a file into the test's folder. */
  file(name: string, content: string | Uint8Array): string
}

async function office(): Promise<Docked> {
  const console = await newWorkspace()
  const { vaultId } = await console.clients.create({ name: 'Alfreds', key: 'ALFKI' })
  const file = (name: string, content: string | Uint8Array): string => {
    const path = join(console.folder, name)
    writeFileSync(path, content)
    return path
  }
  return { console, vaultId, file }
}

async function look(console: TestConsole, path: string): Promise<ForeignView> {
  const { handle } = await console.files.register(path, 'import')
  const { kind } = await console.foreign.recognise(handle)
  if (kind === 'bundle') throw new Error('this is a bundle')
  return console.foreign.inspect({ file: handle, kind }, context)
}

/** What the screen offers by itself for a new kind of file. */
async function suggested(console: TestConsole, view: ForeignView, name: string): Promise<Mapping> {
  const { kind, columns, reading } = view
  const { best, collections } = await console.foreign.offers({ kind, columns })
  const found = collections.find((one) => one.name === best)?.suggested
  if (!found || best === null) throw new Error('nothing is suggested')
  return { name, kind, reading, collection: best, ...found }
}

const strategy = 'three-way'

async function planned({ console, vaultId }: Docked, path: string, mapping?: Mapping, name = 'CRM') {
  const view = await look(console, path)
  const request = { file: view.file.handle, mapping: mapping ?? (await suggested(console, view, name)) }
  return console.foreign.plan({ ...request, vaultId, strategy }, context)
}

async function imported(at: Docked, path: string, mapping?: Mapping) {
  const plan = await planned(at, path, mapping)
  const exclude = plan.refused.map(({ vault, collection, id }) => ({ vault, collection, id }))
  return at.console.imports.apply({ planId: plan.planId, exclude }, context)
}

async function recordsOf({ console, vaultId }: Docked, collection: string) {
  return console.session.use(async (open) => {
    const vault = await open.vault(vaultId)
    return vault.collection<Record<string, unknown>>(collection).list()
  })
}

describe.skipIf(!hasData)('real files', () => {
  const ragged = join(data, 'northwind-ragged/customers.csv')

  test('ragged customers: every row is taken or listed by its line, undone, and taken again', async () => {
    const at = await office()
    const { console } = at
    const view = await look(console, ragged)
    expect(view).toMatchObject({
      kind: 'csv',
      reading: { encoding: 'utf-8', delimiter: ',', header: true },
      complete: true,
      alreadyImported: null,
    })
    const mapping = await suggested(console, view, 'Northwind customers')
    expect(mapping).toMatchObject({ collection: 'contacts', key: ['customerID'] })
    const preview = await console.foreign.preview({ file: view.file.handle, mapping }, context)
    const plan = await planned(at, ragged, mapping)

    // The reader uses csv-parse: here lines and cells are counted by hand.
    const lines = readFileSync(ragged, 'utf8').trimEnd().split('\n')
    const faulty = lines.flatMap((line, index) =>
      line.split(',').length === 11 ? [] : [`line ${index + 1}`],
    )
    expect(faulty.length).toBeGreaterThan(0)
    expect(plan.refused.map(({ place }) => place)).toEqual(faulty)
    expect(preview).toMatchObject({
      rows: lines.length - 1,
      faulty: faulty.length,
      othersCount: faulty.length,
    })
    expect(plan.refused[0]).toMatchObject({ vaultName: 'Alfreds', fault: { code: 'SOURCE_FAULT' } })

    await expect(console.imports.apply({ planId: plan.planId, exclude: [] }, context)).rejects.toMatchObject({
      code: 'ROWS_REFUSED',
    })
    expect(await recordsOf(at, 'contacts')).toEqual([])
    const receipt = await imported(at, ragged, mapping)
    expect(receipt.excluded.map(({ place }) => place)).toEqual(faulty)
    const records = await recordsOf(at, 'contacts')
    const expected = lines
      .slice(1)
      .map((line) => line.split(','))
      .filter(({ length }) => length === 11)
    expect(records.map(({ company }) => company).sort()).toEqual(
      expected.map(([, company]) => company).sort(),
    )
    const alfreds = records.find(({ company }) => company === 'Alfreds Futterkiste')
    expect(alfreds).toMatchObject({ name: 'Maria Anders', phone: '030-0074321', address: { city: 'Berlin' } })
    expect(alfreds).not.toHaveProperty('address.region')

    expect((await console.imports.list())[0]).toMatchObject({
      party: 'Northwind customers',
      fileName: 'customers.csv',
      openConflicts: 0,
    })
    expect((await look(console, ragged)).alreadyImported).toMatchObject({
      importId: receipt.importId,
      clients: ['Alfreds'],
    })
    await expect(planned(at, ragged, mapping)).rejects.toMatchObject({ code: 'ALREADY_IMPORTED' })
    const undo = await console.imports.planUndo(receipt.importId)
    expect(undo).toMatchObject({ remove: records.length, refused: [] })
    await console.imports.undo({ importId: receipt.importId, hash: undo.hash }, context)
    expect(await recordsOf(at, 'contacts')).toEqual([])
    expect((await imported(at, ragged, mapping)).counts.insert).toBe(records.length)
  })

  test('a Peppol invoice comes with a profile of its own', async () => {
    const at = await office()
    const view = await look(at.console, join(data, 'peppol/base-example.xml'))
    expect(view).toMatchObject({ kind: 'ubl', format: 'UBL invoice' })
    const { profiles } = await at.console.foreign.offers({ kind: 'ubl', columns: view.columns })
    expect(profiles).toMatchObject([{ fits: true, isSaved: false, mapping: { name: 'UBL invoices' } }])
    const receipt = await imported(at, join(data, 'peppol/base-example.xml'), profiles[0]?.mapping)
    expect(receipt.counts).toMatchObject({ insert: 1, refuse: 0 })
    const xml = readFileSync(join(data, 'peppol/base-example.xml'), 'utf8')
    const said = (name: string): string => new RegExp(`<cbc:${name}[^>]*>([^<]+)<`).exec(xml)?.[1] ?? ''
    expect(await recordsOf(at, 'invoices')).toMatchObject([
      {
        number: said('ID'),
        issueDate: said('IssueDate'),
        currency: said('DocumentCurrencyCode'),
        total: Number(said('TaxInclusiveAmount').replace('.', '')),
      },
    ])
  })
})

describe('a file that comes again next month', () => {
  const january = 'No;Firma;Telefon\n1;Alfreds;030-1\n2;Bergs;0921-1\n'

  test('is met by its profile, keeps edits, and asks about true overlaps alone', async () => {
    const at = await office()
    const { console, vaultId } = at
    await imported(at, at.file('january.csv', january))
    const [first] = (
      await console.clients.records({
        vaultId,
        collection: 'contacts',
        search: 'Alfreds',
        offset: 0,
        limit: 9,
      })
    ).rows
    const key = { vaultId, collection: 'contacts', id: first?.id ?? '' }
    const { record, version } = await console.clients.record(key)
    await console.clients.saveRecord({
      ...key,
      record: { ...record, phone: '030-9' },
      expectedVersion: version,
    })

    const view = await look(
      console,
      at.file('february.csv', january.replace('030-1', '030-2').replace('0921-1', '0921-2')),
    )
    const { profiles } = await console.foreign.offers({ kind: 'csv', columns: view.columns })
    expect(profiles).toMatchObject([
      { fits: true, isSaved: true, lastVaultId: vaultId, mapping: { name: 'CRM' } },
    ])
    const plan = await planned(at, join(console.folder, 'february.csv'), profiles[0]?.mapping)
    expect(plan.counts).toMatchObject({ update: 1, queue: 1, insert: 0 })
    const asked = {
      file: view.file.handle,
      mapping: await suggested(console, view, 'CRM'),
      vaultId,
      strategy,
    } as const
    const strict = await console.foreign.plan({ ...asked, strictness: { contacts: 'ask' } }, context)
    expect(strict.counts).toMatchObject({ update: 0, queue: 2 })
    await console.imports.apply({ planId: plan.planId, exclude: [] }, context)
    const { rows } = await console.conflicts.list({ filter: {}, offset: 0, limit: 9 })
    expect(rows).toMatchObject([{ party: 'CRM', kind: 'edited-by-both', fields: ['Phone'] }])

    const others = await look(console, at.file('other.csv', 'a;b\n1;2\n'))
    const offers = await console.foreign.offers({ kind: 'csv', columns: others.columns })
    expect(offers).toMatchObject({ best: null, profiles: [{ fits: false }] })
    await console.foreign.forget(profiles[0]?.mapping.id ?? '')
    expect((await console.foreign.offers({ kind: 'csv', columns: view.columns })).profiles).toEqual([])
  })

  test('may hold what is here already, which is asked about', async () => {
    const at = await office()
    const { console, vaultId } = at
    const own = {
      vaultId,
      collection: 'contacts',
      id: 'mine',
      record: { company: 'ALFREDS', name: 'Maria' },
      expectedVersion: 0,
    }
    await console.clients.saveRecord(own)
    const csv = 'No;Company;Name\n1;Alfreds;maria\n2;Other;Maria\n'
    expect((await imported(at, at.file('x.csv', csv))).counts).toMatchObject({ queue: 1, insert: 1 })
    const kinds = (await console.conflicts.list({ filter: {}, offset: 0, limit: 9 })).rows.map(
      ({ kind }) => kind,
    )
    expect(kinds).toEqual(['possible-duplicate'])
  })

  test('goes into a client that its import makes', async () => {
    const { console, file } = await office()
    const view = await look(console, file('january.csv', january))
    const mapping = await suggested(console, view, 'CRM')
    const request = { file: view.file.handle, mapping, newClientName: 'Bergs', strategy } as const
    const plan = await console.foreign.plan(request, context)
    expect(plan.perVault).toMatchObject([{ name: 'Bergs', isNew: true, counts: { insert: 2 } }])
    expect((await console.clients.list()).map(({ name }) => name)).toEqual(['Alfreds'])
    await console.imports.apply({ planId: plan.planId, exclude: [] }, context)
    expect((await console.clients.list()).map(({ name, records }) => [name, records])).toEqual([
      ['Alfreds', 0],
      ['Bergs', 2],
    ])
  })
})

test('bookings of a closed month are named by their lines, and taken with a reason or left out', async () => {
  const at = await office()
  const { console, vaultId } = at
  await console.periods.close({ vaultIds: [vaultId], periods: { months: ['2026-04'] } })
  const csv = 'No;Date;Amount;Currency\n1;30.04.2026;1,50;EUR\n2;01.05.2026;2,50;EUR\n'
  const path = at.file('bank.csv', csv)
  const plan = await planned(at, path)
  expect(plan).toMatchObject({ counts: { insert: 2 }, broken: { total: 1 } })
  const [late] = plan.broken.rows
  expect(late).toMatchObject({ place: 'line 2', broken: [{ period: '2026-04' }] })
  const bare = console.imports.apply({ planId: plan.planId, exclude: [] }, context)
  await expect(bare).rejects.toMatchObject({ code: 'RULES_BROKEN' })
  expect(await recordsOf(at, 'payments')).toEqual([])
  const { planId } = await planned(at, path)
  await console.imports.apply({ planId, exclude: [], override: 'the bank was late' }, context)
  expect((await console.periods.exceptions({ offset: 0, limit: 9 })).rows).toMatchObject([
    { collection: 'payments', rule: 'period-open', reason: 'the bank was late' },
  ])
})

describe('written by other programs', () => {
  const rows = [
    ['Date', 'Amount', 'Currency', 'Reference'],
    ['2026-05-04', 1234.5, 'EUR', 'R-1'],
    ['2026-05-05', -0.1, 'EUR', 'R-2'],
  ]
  const expected = [
    { date: '2026-05-04', amount: 123_450, currency: 'EUR', reference: 'R-1' },
    { date: '2026-05-05', amount: -10, currency: 'EUR', reference: 'R-2' },
  ]
  const byReference = { key: ['Reference'] }

  async function expectPayments(at: Docked, path: string, table: string, tables: string[]) {
    const view = await look(at.console, path)
    expect(view).toMatchObject({ reading: { table: tables[0] }, readAs: null, tables })
    const again = await at.console.foreign.inspect(
      { file: view.file.handle, kind: view.kind, reading: { ...view.reading, table } },
      context,
    )
    const mapping = { ...(await suggested(at.console, again, 'Bank')), ...byReference }
    expect(mapping.collection).toBe('payments')
    await imported(at, path, mapping)
    expect(await look(at.console, path)).toMatchObject({ reading: { table }, readAs: 'Bank', tables })
    const records = await recordsOf(at, 'payments')
    expect(records.map(({ id: _id, ...record }) => record)).toEqual(expect.arrayContaining(expected))
  }

  test('a sheet of a workbook', async () => {
    const at = await office()
    const book = utils.book_new()
    utils.book_append_sheet(book, utils.aoa_to_sheet([['a'], [1]]), 'Cover')
    utils.book_append_sheet(book, utils.aoa_to_sheet(rows), 'Payments')
    const bytes = write(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer // by `type`
    await expectPayments(at, at.file('bank.dat', bytes), 'Payments', ['Cover', 'Payments'])
  })

  test('a table of a database, which is only read', async () => {
    const at = await office()
    const path = join(at.console.folder, 'bank.db')
    const db = new DatabaseSync(path)
    db.exec('CREATE TABLE cover(a); INSERT INTO cover VALUES (1)')
    db.exec('CREATE TABLE payments(Date TEXT, Amount REAL, Currency TEXT, Reference TEXT)')
    const insert = db.prepare('INSERT INTO payments VALUES (?, ?, ?, ?)')
    for (const row of rows.slice(1)) insert.run(...row)
    db.close()
    const before = readFileSync(path)
    await expectPayments(at, path, 'payments', ['cover', 'payments'])
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  test('a decimal comma that was taken for a thousand is what a person says it is', async () => {
    const at = await office()
    const text =
      'Datum;Betrag;Währung;Verwendungszweck\n04.05.2026;12.500;EUR;R-1\n05.05.2026;3.250;EUR;R-2\n'
    const view = await look(at.console, at.file('umsatz.csv', Buffer.from(text, 'latin1')))
    expect(view.reading).toEqual({ encoding: 'windows-1252', delimiter: ';', header: true })
    expect(view.columns[1]).toMatchObject({ type: 'decimal', decimalMark: '.', ambiguous: true })
    const corrected = view.columns.map((column) =>
      column.type === 'decimal' ? { ...column, decimalMark: ',' as const } : column,
    )
    const mapping = {
      ...(await suggested(at.console, { ...view, columns: corrected }, 'Bank')),
      key: ['Verwendungszweck'],
    }
    const preview = await at.console.foreign.preview({ file: view.file.handle, mapping }, context)
    expect(preview.fields.find(({ path }) => path === 'amount')).toMatchObject({
      failing: 0,
      samples: [
        { value: 1_250_000, currency: 'EUR' },
        { value: 325_000, currency: 'EUR' },
      ],
    })
    expect(preview.fields.find(({ path }) => path === 'date')?.samples[0]?.value).toBe('2026-05-04')
  })

  test('rows that break the template are refused with their lines', async () => {
    const at = await office()
    const long = 'x'.repeat(201)
    const path = at.file('x.csv', `No,Company,Phone\n1,Alfreds,1\n2,${long},2\n3,,3\n`)
    const plan = await planned(at, path)
    expect(plan.refused.map(({ place, fault }) => [place, fault?.code]).sort()).toEqual([
      ['line 3', 'SCHEMA_VALIDATION_FAILED'],
      ['line 4', 'SOURCE_FAULT'],
    ])
  })
})

describe('bad input gives words and changes nothing:', () => {
  test('kinds that nobody reads, and kinds that are no such file', async () => {
    const { console, file } = await office()
    for (const [name, bytes] of [
      ['x.pdf', Buffer.from('%PDF-1.7')],
      ['x.xls', Buffer.from('d0cf11e0a1b11ae10000', 'hex')],
      ['empty.csv', Buffer.from('')],
    ] as const) {
      const { handle } = await console.files.register(file(name, bytes), 'import')
      await expect(console.foreign.recognise(handle)).rejects.toMatchObject({ code: 'FILE_UNKNOWN' })
    }
    const { handle } = await console.files.register(file('x.csv', 'a,b\n1,2\n'), 'import')
    for (const kind of ['xlsx', 'sqlite', 'ubl', 'ofx'] as const)
      await expect(console.foreign.inspect({ file: handle, kind }, context)).rejects.toMatchObject({
        code: 'FILE_UNREADABLE',
        message: expect.stringContaining('Nothing was imported') as string,
        details: { reason: expect.stringMatching(/\.( \(.*\))?$/) as string },
      })
  })

  test('an archive that grows without end', async () => {
    const { console, file } = await office()
    const zip = new ZipFile()
    zip.addBuffer(Buffer.alloc(24 * 1024 * 1024), 'xl/workbook.xml')
    zip.end()
    const path = file('bomb.xlsx', await buffer(zip.outputStream))
    await expect(look(console, path)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
  })

  test('a file that goes between two steps, or changes while it is read', async () => {
    const at = await office()
    const path = at.file('x.csv', 'No,Company\n1,Alfreds\n')
    const view = await look(at.console, path)
    const mapping = await suggested(at.console, view, 'CRM')
    const request = { file: view.file.handle, mapping, vaultId: at.vaultId, strategy } as const
    rmSync(path)
    await expect(at.console.foreign.plan(request, context)).rejects.toMatchObject({ code: 'FILE_GONE' })
    expect(toAppError(new LobbyError('SOURCE_CHANGED', ''))).toMatchObject({ code: 'FILE_CHANGED' })
  })

  test('an upload beyond the cap, a client that is gone, a mapping that is none', async () => {
    const at = await office()
    const path = at.file('x.csv', 'No,Company\n1,Alfreds\n')
    const view = await look(at.console, path)
    const mapping = await suggested(at.console, view, 'CRM')
    const request = { file: view.file.handle, mapping, vaultId: at.vaultId, strategy } as const
    const refused = async (change: object) =>
      at.console.foreign.plan({ ...request, ...change }, context).then(
        () => 'planned',
        (error: unknown) => toAppError(error).code,
      )
    expect(await refused({ vaultId: 'clients--gone' })).toBe('NOT_FOUND')
    expect(await refused({ mapping: { ...mapping, collection: 'nothing' } })).toBe('MAPPING_INVALID')
    const twice = { ...mapping, fields: [...mapping.fields, ...mapping.fields] }
    expect(await refused({ mapping: twice })).toBe('MAPPING_INVALID')
    expect(await at.console.imports.list()).toEqual([])
  })
})
