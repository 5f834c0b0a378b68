/** Workbooks, read back by a library that is not the one that writes them. */
import { read, utils, type CellObject, type WorkBook } from '@e965/xlsx'
import fc from 'fast-check'
import { ExportCapabilityError, type Noydb } from '@noy-db/hub'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { fill } from '../../fixture-office.ts'
import type { ExportCell } from '../cells.ts'
import { describeBooks, officeThatExports } from '../fixture-books.ts'
import { exportLimits } from '../limits.ts'
import { toBytesMultiVault } from './multi-vault.ts'
import { sheetNames } from './sheet-names.ts'
import type { AsXlsxSheetOptions, MultiVaultXlsxEntry } from './types.ts'
import { workbookBytes } from './workbook-bytes.ts'
import { workbookOf } from './workbook.ts'

function open(bytes: Uint8Array): WorkBook {
  return read(bytes, { cellDates: true, cellNF: true, cellFormula: true, UTC: true })
}

function grid(book: WorkBook, sheet: string): unknown[][] {
  const found = book.Sheets[sheet]
  if (found === undefined) throw new Error(`no sheet ${sheet} in ${book.SheetNames.join()}`)
  return utils.sheet_to_json(found, { header: 1, raw: true, defval: null, UTC: true })
}

function cell(book: WorkBook, sheet: string, at: string): CellObject {
  return book.Sheets[sheet]?.[at] as CellObject // the library's type knows no names of cells
}

const sheet = (collection: string, more: Partial<AsXlsxSheetOptions> = {}): AsXlsxSheetOptions => ({
  name: collection,
  collection,
  ...more,
})

async function entry(
  db: Noydb,
  vault: string,
  sheets: readonly AsXlsxSheetOptions[],
  more: Partial<MultiVaultXlsxEntry> = {},
): Promise<MultiVaultXlsxEntry> {
  return { vault: await db.openVault(vault, { create: false }), sheets, ...more }
}

describe('a workbook', () => {
  it('lists its sheets first, then has the rows of each under the names of their fields', async () => {
    const db = await officeThatExports(['acme', 'bolt'])
    await fill(db, 'bolt', { partners: { p3: { vat: 'X', name: 'Cy' } } })
    const entries = [
      await entry(db, 'acme', [sheet('partners')]),
      await entry(db, 'bolt', [sheet('partners', { columns: ['name', 'none'] })], { label: 'Bolt / Ltd' }),
    ]
    const book = open(await toBytesMultiVault(entries))
    expect(book.SheetNames).toEqual(['_manifest', 'acme_partners', 'Bolt _ Ltd_partners'])
    expect(grid(book, '_manifest')).toEqual([
      ['Vault', 'Collection', 'Records'],
      ['acme', 'partners', 2],
      ['Bolt / Ltd', 'partners', 3],
    ])
    expect(grid(book, 'acme_partners')).toEqual([
      ['id', 'name'],
      ['p1', 'Ada & Co'],
      ['p2', 'Bob'],
    ])
    expect(grid(book, 'Bolt _ Ltd_partners')[3]).toEqual(['Cy', null])
  })

  it('has amounts as numbers with the digits of their currency, and days as days', async () => {
    const db = await officeThatExports(['acme'])
    const columns = ['number', 'date', 'rate', 'total', 'paid', 'lines']
    const entries = [await entry(db, 'acme', [sheet('bills', { columns, widths: [undefined, 12] })])]
    const book = open(
      await toBytesMultiVault(entries, { describe: describeBooks, headings: 'labels', sheetSeparator: '-' }),
    )
    expect(grid(book, 'acme-bills')).toEqual([
      ['Number', 'Issued', 'Rate', 'Total', 'Paid', 'Lines'],
      ['10248', new Date('2026-05-31T00:00:00Z'), 0.19, -168.05, true, null],
      ['=1+1', 'soon', 1, 1200, false, null],
      ['ü "q"', '1899-12-31', '12345678901234567.5', '7 minor units', null, '[{"net":1}]'],
    ])
    const formats = ['A2', 'B2', 'C2', 'D2', 'D3'].map((at) => cell(book, 'acme-bills', at).z)
    expect(formats).toEqual(['General', 'yyyy-mm-dd', '0.000', '#,##0.00', '#,##0'])
    expect(cell(book, 'acme-bills', 'A3')).toMatchObject({ t: 's', v: '=1+1' })
    expect(cell(book, 'acme-bills', 'A3').f).toBeUndefined()
  })

  it('adds columns looked up in the rows that leave with it', async () => {
    const db = await officeThatExports(['acme', 'directory'])
    const from = { label: 'directory', collection: 'partners', keyField: 'id', pick: 'name' }
    const denormalize = [{ column: 'Partner name', localField: 'partner', from }]
    const entries = [
      await entry(db, 'acme', [sheet('bills', { columns: ['id'], denormalize })]),
      await entry(db, 'directory', [sheet('partners')], {
        closure: new Map([['partners', new Set(['p1'])]]),
      }),
    ]
    expect(grid(open(await toBytesMultiVault(entries)), 'acme_bills')).toEqual([
      ['id', 'Partner name'],
      ['b1', 'Ada & Co'],
      ['b2', null],
      ['b3', null],
    ])
  })

  it('holds what the closure names and nothing else, and of that what the filter lets through', async () => {
    const db = await officeThatExports(['acme'])
    const closure = new Map([['bills', new Set(['b1', 'b3', 'gone'])]])
    const filter = (record: unknown): boolean => (record as { total: number }).total < 10
    const entries = [
      await entry(db, 'acme', [sheet('bills', { columns: ['id'], filter }), sheet('partners')], { closure }),
    ]
    const book = open(await toBytesMultiVault(entries))
    expect(grid(book, 'acme_bills')).toEqual([['id'], ['b1'], ['b3']])
    expect(grid(book, '_manifest').slice(1)).toEqual([
      ['acme', 'bills', 2],
      ['acme', 'partners', 0],
    ])
  })

  it('says what was chosen on a sheet of its own, if there is something to say', async () => {
    const db = await officeThatExports(['acme'])
    const entries = [await entry(db, 'acme', [sheet('partners')], { label: '' })]
    const about = [{ label: 'Only records with', value: '=chai' }]
    const book = open(await toBytesMultiVault(entries, { about, sheetSeparator: '_about' }))
    expect(book.SheetNames.slice(0, 2)).toEqual(['_manifest', '_about'])
    expect(grid(book, '_about').slice(1)).toEqual([['Only records with', '=chai']])
    expect(open(await toBytesMultiVault(entries)).SheetNames).not.toContain('_about')
  })

  it('is not begun unless every vault allows it', async () => {
    const allowed = await officeThatExports(['acme'])
    const mixed = [
      await entry(allowed, 'acme', [sheet('bills', { filter: () => fail('a row was read') })]),
      await entry(await officeThatExports(['bolt'], ['csv']), 'bolt', [sheet('bills')]),
    ]
    await expect(toBytesMultiVault(mixed)).rejects.toThrow(ExportCapabilityError)
  })
})

function fail(what: string): never {
  throw new Error(what)
}

const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'constructor',
    '__proto__',
    '_x0041_',
    '_x005F_x0041_',
    'a\r\nb',
    '\u0001',
    ' lead',
    '=1',
    '\ufeff',
    '&amp;',
  ),
)

describe('cells', () => {
  it('come back as they were: any text, number and day', async () => {
    const cells = fc.oneof<fc.Arbitrary<ExportCell>[]>(
      texts.filter((text) => text !== '').map((text) => ({ kind: 'text', text })),
      fc.boolean().map((value) => ({ kind: 'boolean', value })),
      fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .map((value) => ({ kind: 'number', value: value + 0 })),
      fc
        .date({ min: new Date('1900-03-01'), max: new Date('9999-12-31'), noInvalidDate: true })
        .map((date) => ({
          kind: 'date',
          day: date.toISOString().slice(0, 10),
        })),
      fc.integer({ min: -(10 ** 14), max: 10 ** 14 }).map((minor) => ({
        kind: 'amount',
        text: `${minor < 0 ? '-' : ''}${Math.floor(Math.abs(minor) / 100)}.${String(Math.abs(minor) % 100).padStart(2, '0')}`,
        places: 2,
        currency: 'EUR',
      })),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(cells, { minLength: 1, maxLength: 20 }), async (column) => {
        const rows = column.map((one) => [one])
        const book = open(await workbookBytes([{ name: 's', headings: ['h'], rows }]))
        const found = grid(book, 's')
          .slice(1)
          .map(([value]) => value)
        expect(found).toEqual(column.map(plain))
      }),
      { numRuns: 150 },
    )
  })

  it('that no spreadsheet would take are refused, and the work can be stopped', async () => {
    const long = { kind: 'text', text: 'x'.repeat(exportLimits.sheetCellChars + 1) } as const
    await expect(workbookOf([{ name: 's', headings: ['h'], rows: [[long]] }])).rejects.toMatchObject({
      code: 'EXPORT_LIMIT',
    })
    const stop = new AbortController()
    const stopped = workbookOf([{ name: 's', headings: ['h'], rows: [] }], undefined, { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(stopped).rejects.toThrow('enough')
    const rows = Array.from({ length: exportLimits.sheetRows }, () => [])
    await expect(workbookOf([{ name: 's', headings: [], rows }])).rejects.toMatchObject({
      code: 'EXPORT_LIMIT',
    })
  })
})

function plain(cell: ExportCell): unknown {
  if (cell?.kind === 'date') return new Date(`${cell.day}T00:00:00Z`)
  if (cell?.kind === 'amount') return Number(cell.text)
  // A lone surrogate is no text that a file can hold; and this reader makes one line end of two characters.
  if (cell?.kind === 'text') return cell.text.toWellFormed().replaceAll('\r\n', '\n')
  return cell?.kind === 'decimal' || cell === null ? null : cell.value
}

test('names of sheets are such that spreadsheets take them, and no two are one', () => {
  const names = sheetNames(false)
  const long = 'x'.repeat(40)
  expect(['a/b:c', 'A_B_C', long, `${long}y`, "'q'", '', 'History', '_manifest'].map(names.next)).toEqual([
    'a_b_c',
    'A_B_C (2)',
    'x'.repeat(31),
    `${'x'.repeat(27)} (2)`,
    '_q_',
    '_',
    'History_',
    '_manifest (2)',
  ])
  expect(names.next(`${'x'.repeat(30)}🧾`)).toBe('x'.repeat(30))
})

test('docs/limits.md states the limits of exports', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../../docs/limits.md'), 'utf8')
  const stated = [...page.matchAll(/^\| (\w+) \| (\d+) \|/gm)].map(([, name, value]) => [name, Number(value)])
  expect(Object.fromEntries(stated)).toMatchObject(exportLimits)
})
