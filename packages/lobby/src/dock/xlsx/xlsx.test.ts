/** Workbooks written by another library, and archives that mean harm. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import writeWorkbook from 'write-excel-file/node'
import { ZipFile } from 'yazl'
import { allRows, dataText, hasData } from '../fixture-sources.ts'
import { bytesSource, fileSource } from '../source/open.ts'
import { parse } from 'csv-parse/sync'
import { xlsxReader } from './reader.ts'

const folder = mkdtempSync(join(tmpdir(), 'dock-xlsx-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const day = new Date(Date.UTC(2025, 10, 3))
const invoices = [
  [{ value: 'Number' }, { value: 'Issued' }, { value: 'Total' }, { value: 'Paid' }, { value: 'Note' }],
  [
    { value: 'R-1' },
    { value: day, type: Date, format: 'dd.mm.yyyy' },
    { value: 1234.5, type: Number, format: '#,##0.00' },
    { value: true, type: Boolean },
    null,
  ],
  [
    { value: 'R-2' },
    { value: day, type: Date, format: 'yyyy-mm-dd' },
    { value: 0.1 + 0.2, type: Number },
    { value: false, type: Boolean },
    { value: 'ä & <b>' },
  ],
]

async function workbook() {
  return writeWorkbook([
    { data: invoices, sheet: 'Invoices' },
    { data: [[{ value: 'a' }], [{ value: 1, type: Number }]], sheet: 'Other' },
  ]).toBuffer()
}

describe('a workbook', () => {
  it('gives its sheets and their columns', async () => {
    const facts = await xlsxReader.inspect(bytesSource('x.xlsx', await workbook()))
    expect(facts.tables.map(({ name }) => name)).toEqual(['Invoices', 'Other'])
    expect(facts.tables[0]?.columns.map(({ name, type }) => [name, type])).toEqual([
      ['Number', 'text'],
      ['Issued', 'date'],
      ['Total', 'decimal'],
      ['Paid', 'boolean'],
      ['Note', 'text'],
    ])
  })

  it('gives values as they are meant, with their cells, from a file on disk too', async () => {
    const path = join(folder, 'books.xlsx')
    writeFileSync(path, await workbook())
    const rows = await allRows(xlsxReader, await fileSource(path))
    expect(rows).toEqual([
      {
        cells: { Number: 'R-1', Issued: '2025-11-03', Total: '1234.5', Paid: true, Note: null },
        place: { sheet: 'Invoices', cell: 'A2' },
        faults: [],
      },
      {
        cells: { Number: 'R-2', Issued: '2025-11-03', Total: '0.3', Paid: false, Note: 'ä & <b>' },
        place: { sheet: 'Invoices', cell: 'A3' },
        faults: [],
      },
    ])
    expect(await allRows(xlsxReader, await fileSource(path), { table: 'Other' })).toMatchObject([
      { cells: { a: '1' } },
    ])
    await expect(allRows(xlsxReader, await fileSource(path), { table: 'None' })).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
    })
  })

  it.skipIf(!hasData)('of Northwind orders has what the CSV has', async () => {
    const csv: string[][] = parse(dataText('northwind', 'orders.csv'))
    const data = csv.map((row) => row.map((value) => ({ value })))
    const rows = await allRows(xlsxReader, bytesSource('o.xlsx', await writeWorkbook(data).toBuffer()))
    const [names = [], ...expected] = csv
    expect(rows.map(({ cells }) => names.map((name) => cells[name]))).toEqual(expected)
  })
})

type Part = readonly [name: string, content: string | Buffer, mode?: number]

async function archive(...parts: readonly Part[]): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [name, content, mode] of parts)
    zip.addBuffer(Buffer.from(content), name, mode === undefined ? {} : { mode })
  zip.end()
  const chunks: Buffer[] = []
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const relations: Part = [
  'xl/_rels/workbook.xml.rels',
  '<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
]
const book: Part = [
  'xl/workbook.xml',
  '<workbook xmlns:r="urn:r"><sheets><sheet name="S" r:id="r1"/></sheets></workbook>',
]
const sheet = (rows: string): Part => [
  'xl/worksheets/sheet1.xml',
  `<worksheet><sheetData>${rows}</sheetData></worksheet>`,
]

describe('hostile workbooks', () => {
  it('made by hand are read where they are honest', async () => {
    const rows =
      '<row r="1"><c r="A1" t="inlineStr"><is><t>h</t></is></c></row><row r="7"><c r="A7"><v>5</v></c></row>'
    const bytes = await archive(relations, book, sheet(rows))
    expect(await allRows(xlsxReader, bytesSource('x.xlsx', bytes))).toEqual([
      { cells: { h: '5' }, place: { sheet: 'S', cell: 'A7' }, faults: [] },
    ])
  })

  it.each<[string, string, readonly Part[]]>([
    [
      'a bomb',
      'SOURCE_LIMIT',
      [relations, book, ['xl/worksheets/sheet1.xml', Buffer.alloc(64 * 1024 * 1024, 0x20)]],
    ],
    ['a link', 'SOURCE_INVALID', [relations, book, ['xl/worksheets/sheet1.xml', '/etc/passwd', 0o120777]]],
    [
      'a document type',
      'SOURCE_INVALID',
      [
        relations,
        book,
        ['xl/worksheets/sheet1.xml', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'],
      ],
    ],
    [
      'a cell far to the right',
      'SOURCE_LIMIT',
      [relations, book, sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>')],
    ],
    ['a broken sheet', 'SOURCE_INVALID', [relations, book, sheet('<row r="1"><c')]],
    ['a sheet that is not there', 'SOURCE_INVALID', [relations, book]],
    ['no workbook', 'SOURCE_INVALID', [['readme.txt', 'hello']]],
  ])('with %s are refused', async (_what, code, parts) => {
    const source = bytesSource('x.xlsx', await archive(...parts))
    await expect(xlsxReader.inspect(source)).rejects.toMatchObject({ code })
  })

  it('with a path out of it, or that are no archive, are refused', async () => {
    const bytes = await archive(relations, book, sheet(''), ['xx/evil.txt', 'x'])
    const climbing = Buffer.from(bytes.toString('latin1').replaceAll('xx/evil.txt', '../evil.txt'), 'latin1')
    await expect(xlsxReader.inspect(bytesSource('x.xlsx', climbing))).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
    })
    const cut = bytesSource('x.xlsx', bytes.subarray(0, bytes.length / 2))
    await expect(xlsxReader.inspect(cut)).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
  })
})
