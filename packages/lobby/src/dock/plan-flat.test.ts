/** Northwind's invoices from flat tables, written by another library and compared with an independent reading. */
import { utils, write } from '@e965/xlsx'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Noydb } from '@noy-db/hub'
import { openOffice } from '../fixture-office.ts'
import { applyImport } from '../import/apply.ts'
import { undoImport } from '../import/undo.ts'
import { openConflictQueue } from '../queue/conflict-queue.ts'
import { compileTemplate, parseTemplate } from '../templates/index.ts'
import { flatHeadings, flatLines, flatProfile, type FlatLine } from './fixture-flat.ts'
import { hasData } from './fixture-sources.ts'
import { planForeign } from './plan-foreign.ts'
import { foreignReaders } from './readers.ts'
import { bytesSource } from './source/open.ts'

const shipped = join(import.meta.dirname, '../../../../resources/templates/client-accounting.json')
const template = compileTemplate(parseTemplate(readFileSync(shipped)))

let db: Noydb

beforeEach(async () => {
  db = await openOffice('firm')
  template.configure(await db.openVault('acme'))
})

type Kind = 'csv' | 'xlsx' | 'jsonl'

function written(kind: Kind, lines: readonly FlatLine[]): Buffer {
  const rows = lines.map(({ cells }) => cells)
  if (kind === 'jsonl') {
    const json = rows.map((cells) =>
      JSON.stringify(Object.fromEntries(cells.map((cell, at) => [flatHeadings[at], cell]))),
    )
    return Buffer.from(json.join('\n'))
  }
  const book = utils.book_new()
  // Figures as figures, where a workbook has them.
  const typed = rows.map((cells) =>
    cells.map((cell, at) => (kind === 'xlsx' && at > 5 ? Number(cell) : cell)),
  )
  utils.book_append_sheet(book, utils.aoa_to_sheet([flatHeadings, ...typed]), 'Sales')
  return write(book, { type: 'buffer', bookType: kind }) as Buffer // what `type` asks for
}

async function planned(kind: Kind, lines: readonly FlatLine[], content = written(kind, lines)) {
  const source = bytesSource(`sales.${kind}`, content)
  const reader = foreignReaders[kind]
  return planForeign(db, {
    vault: 'acme',
    profile: flatProfile(kind),
    source,
    reader,
    naturalKeys: template.collections,
  })
}

interface Invoice {
  readonly number: string
  readonly net: number
  readonly total: number
  readonly lines: readonly { readonly lineNo: number; readonly quantity: string; readonly amount: number }[]
}

async function invoices() {
  return (await db.openVault('acme', { create: false })).collection<Invoice>('invoices')
}

async function stored(): Promise<Map<string, Invoice>> {
  return new Map((await (await invoices()).list()).map((invoice) => [invoice.number, invoice]))
}

function expected(lines: readonly FlatLine[]): Map<string, FlatLine[]> {
  return Map.groupBy(lines, ({ order }) => order)
}

const sum = (lines: readonly FlatLine[]): number => lines.reduce((total, { cents }) => total + cents, 0)

describe.skipIf(!hasData)('Northwind as a flat table', () => {
  it.each<Kind>(['csv', 'xlsx', 'jsonl'])(
    'in %s becomes its invoices, each with its lines and sums',
    async (kind) => {
      const lines = flatLines()
      const orders = expected(lines)
      expect([orders.size, lines.length]).toEqual([830, 2155])
      const receipt = await applyImport(db, await planned(kind, lines))
      expect(receipt.counts).toMatchObject({ insert: 830, refuse: 0, queue: 0 })
      const found = await stored()
      for (const [number, own] of orders) {
        const invoice = found.get(number)
        const byNo = own
          .map(({ cells, cents }) => ({ lineNo: Number(cells[4]), quantity: cells[6], amount: cents }))
          .sort((left, right) => left.lineNo - right.lineNo)
        expect(invoice?.lines.map(({ lineNo, quantity, amount }) => ({ lineNo, quantity, amount }))).toEqual(
          byNo,
        )
        expect([invoice?.net, invoice?.total]).toEqual([sum(own), sum(own)])
      }
      const total = [...found.values()].reduce((all, { total: one }) => all + one, 0)
      expect(total).toBe(sum(lines))
    },
  )

  it('says of each record the rows it was made of, and is the same in any order of rows', async () => {
    const lines = flatLines()
    await applyImport(db, await planned('csv', lines))
    const first = (await (await invoices()).entries()).find(({ record }) => record.number === '10248')
    expect(first?.metadata.source).toBe('sales.csv, line 2 to line 4, 3 rows')
    const again = await planned(
      'csv',
      [...lines].sort((left, right) => left.cents - right.cents),
    )
    expect(again.counts).toMatchObject({ equal: 830, insert: 0, update: 0, queue: 0 })
  })

  it('refuses an invoice with a ragged line, names that line, and takes the others', async () => {
    const text = written('csv', flatLines()).toString()
    const rows = text.split('\n')
    rows[2] = rows[2]?.replace(/,[^,]*$/, '') ?? ''
    const plan = await planned('csv', [], Buffer.from(rows.join('\n')))
    expect(plan.counts).toMatchObject({ insert: 829, refuse: 1 })
    const refused = plan.rows.find(({ outcome }) => outcome === 'refuse')
    expect(refused).toMatchObject({ id: 'line 2', fault: { code: 'SOURCE_FAULT' } })
    expect(refused?.fault?.message).toBe('line 3: It has 9 cells; the table has 10 columns.')
    await expect(applyImport(db, plan)).rejects.toMatchObject({ code: 'ROWS_REFUSED' })
    const exclude = [{ vault: 'acme', collection: 'invoices', id: 'line 2' }]
    expect((await applyImport(db, plan, { exclude })).counts.insert).toBe(829)
    expect((await stored()).has('10248')).toBe(false)
  })

  it('changes next month what changed, asks about what both changed, and is undone', async () => {
    const lines = flatLines()
    await applyImport(db, await planned('csv', lines))
    const collection = await invoices()
    const mine = (await collection.entries()).find(({ record }) => record.number === '10249')
    if (mine === undefined) throw new Error('the order is there')
    await collection.put(mine.id, { ...mine.record, lines: mine.record.lines.slice(1) })
    const renamed = lines.map((line) =>
      ['10249', '10250'].includes(line.order)
        ? { ...line, cells: line.cells.map((cell, at) => (at === 5 ? `${cell}, new` : cell)) }
        : line,
    )
    const plan = await planned('csv', renamed)
    expect(plan.counts).toMatchObject({ update: 1, queue: 1, equal: 828 })
    const before = (await stored()).get('10250')
    const { importId } = await applyImport(db, plan)
    expect((await stored()).get('10250')).not.toEqual(before)
    await undoImport(db, importId)
    expect((await stored()).get('10250')).toEqual(before)
  })

  it('asks about an invoice that is here under another id', async () => {
    const lines = flatLines()
    const [one] = [...expected(lines)]
    if (one === undefined) throw new Error('there are orders')
    const [number, own] = one
    const copy = {
      number,
      customerName: own[0]?.cells[1]?.toUpperCase(),
      issueDate: '1996-07-04',
      currency: 'USD',
    }
    const vault = await db.openVault('acme', { create: false })
    await vault.collection('invoices').put('mine', { ...copy, lines: [], total: sum(own) })
    const plan = await planned('csv', lines)
    expect(plan.counts).toMatchObject({ insert: 829, queue: 1 })
    await applyImport(db, plan)
    const { rows } = await (await openConflictQueue(db)).list({ kind: 'possible-duplicate' })
    expect(rows).toHaveLength(1)
  })
})
