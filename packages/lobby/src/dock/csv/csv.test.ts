/** Delimited files, read as they are written; every row is given, the faulty ones by their lines. */
import { Decimal } from 'decimal.js'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { allRows, dataSource, dataText, hasData, textOf, textSource } from '../fixture-sources.ts'
import { dockLimits } from '../limits.ts'
import { csvReader } from './reader.ts'

const tables = [
  'categories',
  'customers',
  'employees',
  'order-details',
  'orders',
  'products',
  'regions',
  'shippers',
  'suppliers',
]

describe.skipIf(!hasData)('Northwind', () => {
  it.each(tables)('%s docks without loss', async (name) => {
    const expected: Record<string, string>[] = parse(dataText('northwind', `${name}.csv`), { columns: true })
    const rows = await allRows(csvReader, dataSource('northwind', `${name}.csv`))
    expect(rows.map(({ cells }) => cells)).toEqual(expected)
    expect(rows.flatMap(({ faults }) => faults)).toEqual([])
  })

  it('adds up to what an independent reading adds up to', async () => {
    const rows = await allRows(csvReader, dataSource('northwind', 'orders.csv'))
    const freight = rows.reduce((sum, { cells }) => sum.plus(textOf(cells['freight'])), new Decimal(0))
    const cents = dataText('northwind', 'orders.csv')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => /,(\d+)\.(\d\d),/.exec(line))
      .reduce((sum, found) => sum + Number(`${found?.[1]}${found?.[2]}`), 0)
    expect(freight.times(100).toNumber()).toBe(cents)
    expect(rows).toHaveLength(830)
  })

  it('says what was found in each column', async () => {
    const facts = await csvReader.inspect(dataSource('northwind', 'orders.csv'))
    expect(facts.detected).toEqual({ encoding: 'utf-8', delimiter: ',', header: true })
    const types = Object.fromEntries(facts.tables[0]?.columns.map(({ name, type }) => [name, type]) ?? [])
    expect(types).toMatchObject({
      orderID: 'integer',
      customerID: 'text',
      orderDate: 'date',
      freight: 'decimal',
      shipPostalCode: 'text',
    })
    expect(facts.tables[0]?.columns.find(({ name }) => name === 'freight')).toMatchObject({
      decimalMark: '.',
      ambiguous: false,
    })
  })

  it.each(['customers', 'orders', 'suppliers'])(
    'ragged %s: every row is given, ragged ones by line',
    async (name) => {
      const lines = dataText('northwind-ragged', `${name}.csv`).trim().split('\n')
      const rows = await allRows(csvReader, dataSource('northwind-ragged', `${name}.csv`))
      expect(rows).toHaveLength(lines.length - 1)
      const width = lines[0]?.split(',').length
      const ragged = lines.flatMap((line, at) => (line.split(',').length === width ? [] : [at + 1]))
      const faulty = rows.filter(({ faults }) => faults.length > 0)
      expect(ragged.length).toBeGreaterThan(0)
      expect(faulty.map(({ place }) => place)).toEqual(ragged.map((line) => ({ line })))
      expect(faulty.every(({ faults }) => faults[0]?.code === 'RAGGED')).toBe(true)
    },
  )
})

describe('detection', () => {
  const german = 'Kunde;Betrag;Datum\r\nMüller;1.234,50;03.11.2025\r\nJürgen;-7,00;28.02.2025\r\n'

  it.each([
    ['utf-8', Buffer.from(german)],
    ['utf-8', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(german)])],
    ['windows-1252', Buffer.from(german, 'latin1')],
    ['utf-16le', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(german, 'utf16le')])],
    ['utf-16be', Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(german, 'utf16le').swap16()])],
  ])('of %s', async (encoding, bytes) => {
    const source = textSource('konto.csv', bytes.toString('latin1'), 'latin1')
    const { detected, tables: found } = await csvReader.inspect(source)
    expect(detected).toEqual({ encoding, delimiter: ';', header: true })
    const [customer, amount, date] = found[0]?.columns ?? []
    expect(customer).toMatchObject({ name: 'Kunde', type: 'text' })
    expect(amount).toMatchObject({ type: 'decimal', decimalMark: ',', ambiguous: false })
    expect(date).toMatchObject({ type: 'date', dateOrder: 'dmy', ambiguous: false })
    expect((await allRows(csvReader, source)).map(({ cells }) => cells['Kunde'])).toEqual([
      'Müller',
      'Jürgen',
    ])
  })

  it('says where a number or a date could be read in two ways', async () => {
    const { tables: found } = await csvReader.inspect(
      textSource('x.csv', 'd,n\n03/04/2025,"1,234"\n05/06/2025,"2,345"\n'),
    )
    expect(found[0]?.columns).toEqual([
      { name: 'd', type: 'date', dateOrder: 'dmy', ambiguous: true, filled: 2 },
      { name: 'n', type: 'decimal', decimalMark: '.', ambiguous: true, filled: 2 },
    ])
  })

  it('takes a heading only where there is one, and makes names of empty and repeated ones', async () => {
    const bare = await csvReader.inspect(textSource('x.csv', '1,Ada\n2,Bob\n'))
    expect(bare.detected.header).toBe(false)
    expect(bare.tables[0]?.columns.map(({ name }) => name)).toEqual(['Column 1', 'Column 2'])
    const rows = await allRows(csvReader, textSource('x.csv', 'a,,a,__proto__\n1,2,3,4\n'), { header: true })
    expect(rows[0]?.cells).toEqual({ a: '1', 'Column 2': '2', 'a (2)': '3', 'Column 4': '4' })
  })
})

describe('faulty rows', () => {
  it('are listed where they start, also behind cells with line breaks', async () => {
    const text = 'a,b\n"two\nlines",1\n2,"x"y\n3\n4,5" pipe\n"a ""b""",\n'
    const rows = await allRows(csvReader, textSource('x.csv', text), { header: true })
    expect(rows.map(({ place, faults }) => [place, faults[0]?.code])).toEqual([
      [{ line: 2 }, undefined],
      [{ line: 4 }, 'QUOTES'],
      [{ line: 5 }, 'RAGGED'],
      [{ line: 6 }, undefined],
      [{ line: 7 }, undefined],
    ])
    expect(rows.map(({ cells }) => cells)).toMatchObject([
      { a: 'two\nlines', b: '1' },
      { a: '2', b: '"x"y' },
      { a: '3' },
      { a: '4', b: '5" pipe' },
      { a: 'a "b"', b: '' },
    ])
  })

  it('that never close a quote stop the file, with the line it was opened in', async () => {
    const text = 'a,b\n1,2\n3,"x\n4,5\n'
    await expect(allRows(csvReader, textSource('x.csv', text), { header: true })).rejects.toMatchObject({
      code: 'SOURCE_INVALID',
      place: { line: 3 },
    })
  })
})

describe('hostile files', () => {
  it('with ten million columns are refused', async () => {
    const source = textSource('wide.csv', `a,b\n${','.repeat(10_000_000)}\n`)
    await expect(csvReader.inspect(source)).rejects.toMatchObject({ code: 'SOURCE_LIMIT' })
  })

  it('with a quote that never ends, or too many columns, are refused', async () => {
    const quote = textSource('q.csv', `a,b\n"${'x\n'.repeat(600_000)}`)
    await expect(allRows(csvReader, quote, { delimiter: ',', header: true })).rejects.toMatchObject({
      code: 'SOURCE_LIMIT',
    })
    const wide = textSource('w.csv', `${'x,'.repeat(dockLimits.columns)}\n`)
    await expect(allRows(csvReader, wide)).rejects.toMatchObject({ code: 'SOURCE_LIMIT' })
  })

  it('stop where they are left, and when they are told to', async () => {
    const source = textSource('x.csv', `a,b\n${'1,2\n'.repeat(50_000)}`)
    const stop = new AbortController()
    const read = async (): Promise<void> => {
      for await (const { place } of csvReader.rows(source, {}, { signal: stop.signal }))
        if ('line' in place && place.line === 100) stop.abort()
    }
    await expect(read()).rejects.toMatchObject({ name: 'AbortError' })
  })
})
