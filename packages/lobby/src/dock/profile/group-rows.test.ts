/** Rows that are lines of one record: which go together, what they say of it, and what they may not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvReader } from '../csv/reader.ts'
import { textOf, textSource } from '../fixture-sources.ts'
import type { Cells, SourceRow } from '../source/types.ts'
import { groupRows } from './group-rows.ts'
import { mapRows, mapSource } from './map-rows.ts'
import type { MappedRow } from './mapped-row.ts'
import { partsOf } from './record-parts.ts'
import { parseProfile, type MappingProfileInput } from './schema.ts'

const EUR = { code: 'EUR' }

function invoices(more: Partial<MappingProfileInput> = {}) {
  return parseProfile({
    format: 2,
    id: 'sales',
    name: 'Sales',
    kind: 'csv',
    collection: 'invoices',
    key: ['no'],
    fields: [
      { path: 'number', from: { as: 'text', column: 'no' }, required: true },
      { path: 'customerName', from: { as: 'text', column: 'customer' }, required: true },
      { path: 'lines.*.lineNo', from: { as: 'integer', column: 'pos' } },
      { path: 'lines.*.description', from: { as: 'text', column: 'article' }, required: true },
      { path: 'lines.*.amount', from: { as: 'minor', column: 'amount', currency: EUR }, required: true },
      { path: 'net', from: { as: 'sum', of: ['lines.*.amount'] } },
      { path: 'vat', from: { as: 'rate', column: 'rate', of: 'lines.*.amount' } },
      { path: 'total', from: { as: 'sum', of: ['net', 'vat'] }, required: true },
    ],
    lines: { path: 'lines', id: 'lineNo', rows: 'grouped' },
    ...more,
  })
}

const byPlace = invoices({ fields: invoices().fields.filter(({ path }) => path !== 'lines.*.lineNo') })

async function mapped(text: string, profile = invoices()): Promise<MappedRow[]> {
  const rows: MappedRow[] = []
  for await (const row of mapSource(csvReader, textSource('x.csv', text), profile)) rows.push(row)
  return rows
}

const heading = 'no,customer,pos,article,amount,rate\n'
const told = (row: MappedRow | undefined): string[] =>
  (row?.faults ?? []).map(({ code, place, column }) => `${code} ${JSON.stringify(place)} ${column ?? ''}`)

describe('rows with one key', () => {
  it('are the lines of one record, wherever they stand, and add up', async () => {
    const text = `${heading}R1,Alfreds,2,Ink,1.03,19%\nR2,Bergs,1,Paper,2.00,\nR1,,1,Pens,0.50,7\n`
    const [first, second, ...rest] = await mapped(text)
    expect(rest).toEqual([])
    expect(first).toMatchObject({ rows: 2, place: { line: 2 }, last: { line: 4 }, faults: [] })
    expect(first?.record).toEqual({
      number: 'R1',
      customerName: 'Alfreds',
      lines: [
        { lineNo: 1, description: 'Pens', amount: 50 },
        { lineNo: 2, description: 'Ink', amount: 103 },
      ],
      net: 153,
      vat: 20 + 4, // 0.1957 and 0.035, each rounded half away from zero
      total: 177,
    })
    expect(second?.record).toMatchObject({ net: 200, total: 200 })
    expect(second?.record).not.toHaveProperty('vat')
  })

  it('count their lines as they come where no column tells them apart', async () => {
    const [row] = await mapped(`${heading}R1,A,9,Ink,1,\nR1,A,9,Pens,2,\n`, byPlace)
    expect(row?.record['lines']).toMatchObject([
      { lineNo: 1, description: 'Ink' },
      { lineNo: 2, description: 'Pens' },
    ])
  })

  it('that say different things of their record are listed, each by its line', async () => {
    const [row] = await mapped(`${heading}R1,A,1,Ink,1,\nR1,B,2,Pens,2,\nR1,A,3,Ash,1,\nR1,C,4,Oak,1,\n`)
    expect(told(row)).toEqual(['DISAGREES {"line":3} customer', 'DISAGREES {"line":5} customer'])
    expect(row?.faults[0]?.message).toBe('It is "B" here, and "A" in line 2.')
  })

  it('make no record where one of them is faulty', async () => {
    const text = `${heading}R1,A,1,Ink,1,\nR1,A,2\nR2,B,1,Pens,x,\nR2,B,1,Pens,2,\n,B,1,Pens,2,\nR3,C,1,,2,\nR4,D,1,Oak,2,\n`
    const rows = await mapped(text)
    expect(rows.map(told)).toEqual([
      ['MISSING {"line":6} number', 'MISSING {"line":6} '],
      ['RAGGED {"line":3} '],
      ['CELL {"line":4} amount', 'REPEATED_LINE {"line":5} lines.*.lineNo'],
      ['MISSING {"line":7} lines.*.description'],
      [],
    ])
    expect(rows.map(({ id }) => id === null)).toEqual([true, false, false, false, false])
  })

  it('list no more faults than a record may, and count the rest', async () => {
    const bad = Array.from({ length: 120 }, (_, at) => `R1,A,${at + 1},Ink,x,\n`).join('')
    const [row] = await mapped(heading + bad)
    expect(row?.faults).toHaveLength(101)
    expect(row?.faults.at(-1)?.message).toBe('There are 20 more faults in its rows.')
  })

  it('beyond what may wait refuse the file', async () => {
    const parts = partsOf(invoices())
    if (parts === null) throw new Error('the profile has lines')
    const rows = Array.from({ length: 4 }, (_, at) => rowOf(at, { no: at < 3 ? 'R1' : 'R2', article: 'x' }))
    const read = async (limits: { rowsOfRecord: number; groupedChars: number }) => {
      let count = 0
      for await (const _row of groupRows(each(rows), parts, undefined, limits)) count += 1
      return count
    }
    expect(await read({ rowsOfRecord: 3, groupedChars: 10_000 })).toBe(2)
    await expect(read({ rowsOfRecord: 2, groupedChars: 10_000 })).rejects.toMatchObject({
      code: 'SOURCE_LIMIT',
      message: 'More than 2 rows have the key of line 2: the key does not tell records apart.',
    })
    await expect(read({ rowsOfRecord: 3, groupedChars: 50 })).rejects.toMatchObject({ code: 'SOURCE_LIMIT' })
  })

  it('end with the signal', async () => {
    const stop = new AbortController()
    const rows = mapRows(each([rowOf(0, { no: 'R1' })]), invoices(), { signal: stop.signal })
    stop.abort(new Error('stopped'))
    await expect(Array.fromAsync(rows)).rejects.toThrow('stopped')
  })
})

async function* each(rows: readonly SourceRow[]): AsyncIterable<SourceRow> {
  yield* rows
}

function rowOf(at: number, cells: Cells): SourceRow {
  return { cells, place: { line: at + 2 }, faults: [] }
}

describe('the order of rows', () => {
  const line = fc.record({
    no: fc.constantFrom('R1', 'R2', 'R3', 'R4'),
    article: fc.constantFrom('Ink', 'Pens', 'Oak'),
    amount: fc.integer({ min: -99_999, max: 99_999 }).map((cents) => (cents / 100).toFixed(2)),
    rate: fc.constantFrom('', '7', '19 %', '20'),
  })
  /** Each line numbered within its invoice. */
  const sound = fc.array(line, { minLength: 1, maxLength: 30 }).map((all) =>
    all.map((one, at): Cells => {
      const pos = all.slice(0, at + 1).filter(({ no }) => no === one.no).length
      return { ...one, customer: `Customer of ${one.no}`, pos: String(pos) }
    }),
  )
  const shuffled = sound.chain((rows) =>
    fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
  )

  async function records(rows: readonly Cells[], profile = invoices()) {
    const found = await Array.fromAsync(mapRows(each(rows.map((cells, at) => rowOf(at, cells))), profile))
    expect(found.flatMap(({ faults }) => faults)).toEqual([])
    return new Map(found.map(({ id, record }) => [id, JSON.stringify(record)] as const))
  }

  it('does not matter where a column tells the lines apart', async () => {
    await fc.assert(
      fc.asyncProperty(shuffled, async ([rows, others]) => {
        expect(await records(others)).toEqual(await records(rows))
      }),
    )
  })

  it('does not matter between records where their lines are counted', async () => {
    await fc.assert(
      fc.asyncProperty(sound, fc.array(fc.nat(), { maxLength: 30 }), async (rows, weights) => {
        // A stable sort by a weight of the record keeps the lines of each as they were.
        const weight = ({ no }: Cells): number => weights[Number(textOf(no).slice(1))] ?? 0
        const others = rows.toSorted((left, right) => weight(left) - weight(right))
        expect(await records(others, byPlace)).toEqual(await records(rows, byPlace))
      }),
    )
  })
})

describe('a row with one line', () => {
  const single = invoices({
    fields: [
      { path: 'number', from: { as: 'text', column: 'no' }, required: true },
      { path: 'lines.*.description', from: { as: 'constant', value: 'Net as stated' } },
      { path: 'lines.*.quantity', from: { as: 'constant', value: '1' } },
      { path: 'lines.*.unitPrice', from: { as: 'decimal', column: 'net' } },
      { path: 'lines.*.amount', from: { as: 'minor', column: 'net', currency: EUR } },
      { path: 'net', from: { as: 'minor', column: 'net', currency: EUR } },
      { path: 'vat', from: { as: 'minor', column: 'vat', currency: EUR } },
      { path: 'total', from: { as: 'sum', of: ['net', 'vat'] }, required: true },
    ],
    lines: { path: 'lines', id: 'lineNo', rows: 'single' },
  })

  it('is a record; its key names it alone, and without net there is no total', async () => {
    const rows = await mapped('no,net,vat\nR1,10.00,1.90\nR2,,1.90\nR1,5,\n', single)
    expect(rows[0]?.record).toEqual({
      number: 'R1',
      lines: [{ lineNo: 1, description: 'Net as stated', quantity: '1', unitPrice: '10.00', amount: 1000 }],
      net: 1000,
      vat: 190,
      total: 1190,
    })
    expect(rows.map(({ faults }) => faults.map(({ code }) => code))).toEqual([
      [],
      ['TOTAL'],
      ['REPEATED_KEY'],
    ])
  })
})

describe('a profile with lines', () => {
  const text = (column: string) => ({ as: 'text', column }) as const
  const lines = { path: 'lines', rows: 'grouped' } as const

  it.each<[string, Partial<MappingProfileInput>]>([
    ['is of format 2', { format: 1 }],
    ['declares them', { lines: undefined }],
    ['maps one', { fields: [{ path: 'number', from: text('no') }] }],
    ['has one list', { fields: [{ path: 'parts.*.a', from: text('a') }], lines }],
    [
      'maps nothing else there',
      {
        fields: [
          { path: 'lines', from: text('a') },
          { path: 'lines.*.a', from: text('a') },
        ],
      },
    ],
    ['adds up what is mapped before', { fields: [...invoices().fields].reverse() }],
    [
      'adds up whole numbers',
      {
        fields: [
          { path: 'lines.*.a', from: text('a') },
          { path: 'b', from: { as: 'sum', of: ['lines.*.a'] } },
        ],
      },
    ],
    [
      'takes a rate of lines',
      { fields: [...invoices().fields, { path: 'x', from: { as: 'rate', column: 'r', of: 'net' } }] },
    ],
    [
      'adds up no line',
      { fields: [...invoices().fields, { path: 'lines.*.x', from: { as: 'sum', of: ['net'] } }] },
    ],
    ['tells lines apart by one name', { lines: { ...lines, id: 'a.b' } }],
  ])('%s', (_what, change) => {
    expect(() => invoices(change)).toThrow(expect.objectContaining({ code: 'PROFILE_INVALID' }))
  })
})
