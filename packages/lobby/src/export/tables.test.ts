/** CSV and JSON lines. What is written is read by other code: csv-parse, and our own dock. */
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { ExportCapabilityError, type Noydb } from '@noy-db/hub'
import { describe, expect, it } from 'vitest'
import { fill } from '../fixture-office.ts'
import { exportCsv, type CsvOptions } from './csv.ts'
import { bills, books, officeThatExports, partners } from './fixture-books.ts'
import { exportJsonLines } from './json-lines.ts'
import type { TableSource } from './table.ts'

async function text(chunks: AsyncIterable<string>): Promise<string> {
  let whole = ''
  for await (const chunk of chunks) whole += chunk
  return whole
}

async function source(db: Noydb, more: Partial<TableSource> = {}): Promise<TableSource> {
  return { vault: await db.openVault('acme', { create: false }), collection: 'bills', ...more }
}

const typed = { template: books.collections.get('bills') ?? never() }

function never(): never {
  throw new Error('the fixture has bills')
}

const rows = (csv: string, options: CsvOptions = {}): string[][] =>
  parse(csv, { delimiter: options.delimiter ?? ',', bom: true, relaxColumnCount: false })

describe('CSV', () => {
  it('has the fields of the template in its order, amounts with their digits, and ends lines as RFC 4180 says', async () => {
    const csv = await text(exportCsv(await source(await officeThatExports(['acme']), typed)))
    expect(csv.split('\r\n')).toEqual([
      'number,date,rate,currency,total,paid,partner,lines',
      '10248,2026-05-31,0.190,EUR,-168.05,true,p1,',
      "'=1+1,soon,1,JPY,1200,false,p9,",
      '"ü ""q""",1899-12-31,12345678901234567.5,,7 minor units,,,"[{""net"":1}]"',
      '',
    ])
  })

  it('takes another delimiter and decimal sign, labels and a byte order mark', async () => {
    const options: CsvOptions = { delimiter: ';', decimalSign: ',', headings: 'labels', byteOrderMark: true }
    const columns = ['total', 'rate']
    const csv = await text(
      exportCsv(await source(await officeThatExports(['acme']), { ...typed, columns }), options),
    )
    expect(csv.startsWith('\ufeffTotal;Rate\r\n-168,05;0,190\r\n')).toBe(true)
    const commas = await text(
      exportCsv(await source(await officeThatExports(['acme']), { ...typed, columns }), { decimalSign: ',' }),
    )
    expect(rows(commas)[1]).toEqual(['-168,05', '0,190'])
  })

  it('without a template has the names as they are met; ids and a filter narrow it', async () => {
    const db = await officeThatExports(['acme'])
    await fill(db, 'acme', { partners: { p3: { vat: 'X' } } })
    const all = await source(db, { collection: 'partners' })
    expect(rows(await text(exportCsv(all)))).toEqual([
      ['id', 'name', 'vat'],
      ['p1', 'Ada & Co', ''],
      ['p2', 'Bob', ''],
      ['p3', '', 'X'],
    ])
    const some = { ...all, ids: new Set(['p1', 'p3']), filter: ({ id }: { id?: unknown }) => id !== 'p3' }
    expect(rows(await text(exportCsv(some)))).toEqual([
      ['id', 'name'],
      ['p1', 'Ada & Co'],
    ])
    expect(await text(exportCsv({ ...all, ids: new Set() }))).toBe('\r\n')
  })

  it('gives no text that a spreadsheet computes, and every text back', async () => {
    const db = await officeThatExports(['acme'])
    const notes = (await db.openVault('acme')).collection<object>('notes')
    const strings = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '=1',
        '+1',
        '-1',
        '@a',
        '\t=1',
        '\r=1',
        '\n',
        "'",
        "'=1",
        "''x",
        ' =1',
        '＝1',
        '|',
        '%',
        '"=1"',
        '-5.00',
      ),
    )
    await fc.assert(
      fc.asyncProperty(
        strings,
        fc.constantFrom<CsvOptions['delimiter']>(',', ';', '\t'),
        async (note, delimiter) => {
          const texts = note.toWellFormed()
          await notes.put('n', { note: texts })
          const table = await source(db, { collection: 'notes', columns: ['note'] })
          const options = delimiter === undefined ? {} : { delimiter }
          const csv = await text(exportCsv(table, options))
          const cell = rows(csv.slice(6).replace(/\r\n$/, `${delimiter}\r\n`), options)[0]?.[0] ?? ''
          expect(cell).not.toMatch(/^\s*[=+\-@\t\r]/)
          expect(cell.replace(/^'/, '')).toBe(texts)
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('JSON lines', () => {
  it('have every record as it is stored, with its place', async () => {
    const db = await officeThatExports(['acme'])
    const lines = await text(
      exportJsonLines([await source(db), await source(db, { collection: 'partners' })]),
    )
    expect(lines.endsWith('\n')).toBe(true)
    const found = lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    const expected = Object.entries({ bills, partners }).flatMap(([collection, records]) =>
      Object.entries(records).map(([id, record]) => ({
        vault: 'acme',
        collection,
        id,
        record: { id, ...record },
      })),
    )
    expect(found).toEqual(expected)
  })
})

it('nothing leaves in a format that was not allowed', async () => {
  const db = await officeThatExports(['acme'], ['xlsx'])
  const table = await source(db)
  expect(() => exportCsv(table)).toThrow(ExportCapabilityError)
  expect(() => exportJsonLines([table])).toThrow(ExportCapabilityError)
})
