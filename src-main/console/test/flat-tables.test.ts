/** Flat tables of other programs as invoices: what is suggested for them, tried, checked and imported. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import type { ForeignView, Mapping, Suggestion } from '../../../src-shared/ipc/foreign.ts'
import { callContext, newWorkspace } from './fixture.ts'

const context = callContext()

async function office() {
  const console = await newWorkspace()
  const { vaultId } = await console.clients.create({ name: 'Alfreds', key: 'ALFKI' })
  const path = (name: string): string => join(console.folder, name)
  const look = async (name: string): Promise<ForeignView> => {
    const { handle } = await console.files.register(path(name), 'import')
    const { kind } = await console.foreign.recognise(handle)
    if (kind === 'bundle') throw new Error('this is a bundle')
    return console.foreign.inspect({ file: handle, kind }, context)
  }
  const written = (name: string, content: string): Promise<ForeignView> => {
    writeFileSync(path(name), content)
    return look(name)
  }
  const invoices = () =>
    console.session.use(async (open) => {
      const vault = await open.vault(vaultId)
      return vault.collection<Record<string, unknown>>('invoices').list()
    })
  const offered = async ({ kind, columns }: ForeignView) => {
    const { best, collections } = await console.foreign.offers({ kind, columns })
    const found = collections.find(({ name }) => name === 'invoices')
    if (!found?.suggested) throw new Error('nothing is suggested')
    return { best, list: found.list, suggested: found.suggested }
  }
  return { console, vaultId, path, look, written, invoices, offered }
}

/** What a screen sends: what is suggested, and a currency that no column says. */
function mappingOf({ kind, reading }: ForeignView, { fields, ...suggested }: Suggestion): Mapping {
  const currency = { path: 'currency', from: { as: 'constant', value: 'EUR' }, required: true } as const
  const hasOne = fields.some(({ path }) => path === 'currency')
  return {
    name: 'Sales',
    kind,
    reading,
    collection: 'invoices',
    ...suggested,
    fields: hasOne ? fields : [...fields, currency],
  }
}

const lines = `Invoice No;Date;Customer;Pos;Article;Text;Quantity;Unit price;VAT rate;Amount
R-1;2026-05-04;Bergs;1;A1;Ink;2;1,50;19 %;3,00
R-2;2026-05-05;Chops;1;A2;Paper;1;10,00;7 %;10,00
R-1;2026-05-04;Bergs;2;A3;Pens;3;0,35;19 %;1,05
`

describe('one row for each line of an invoice', () => {
  test('becomes invoices with their lines, VAT and totals', async () => {
    const { console, vaultId, written, invoices, offered } = await office()
    const view = await written('lines.csv', lines)
    const { best, suggested } = await offered(view)
    expect([best, suggested.key, suggested.lines]).toEqual([
      'invoices',
      ['Invoice No'],
      { path: 'lines', id: 'lineNo', rows: 'grouped' },
    ])
    const mapping = mappingOf(view, suggested)
    const preview = await console.foreign.preview({ file: view.file.handle, mapping }, context)
    expect(preview).toMatchObject({
      rows: 3,
      records: 2,
      faulty: 0,
      complete: true,
      example: {
        place: 'line 2 to line 4, 2 rows',
        lineCount: 2,
        lines: [{ lineNo: 1, amount: 300 }, { lineNo: 2 }],
      },
    })
    const valueOf = (path: string) => preview.example?.values.find((one) => one.path === path)
    expect(valueOf('total')).toEqual({ path: 'total', value: 405 + 57 + 20, currency: 'EUR' })

    const request = { file: view.file.handle, mapping, vaultId, strategy: 'three-way' } as const
    const plan = await console.foreign.plan(request, context)
    expect(plan).toMatchObject({ counts: { insert: 2, refuse: 0 }, broken: { total: 0 } })
    const receipt = await console.imports.apply({ planId: plan.planId, exclude: [] }, context)
    expect(
      (await invoices()).sort((left, right) => (String(left['number']) < String(right['number']) ? -1 : 1)),
    ).toMatchObject([
      { number: 'R-1', customerName: 'Bergs', issueDate: '2026-05-04', net: 405, vat: 77, total: 482 },
      {
        number: 'R-2',
        lines: [{ lineNo: 1, productId: 'A2', description: 'Paper', quantity: '1', unitPrice: '10.00' }],
        vat: 70,
        total: 1070,
      },
    ])
    const undo = await console.imports.planUndo(receipt.importId)
    await console.imports.undo({ importId: receipt.importId, hash: undo.hash }, context)
    expect(await invoices()).toEqual([])
  })

  test('names the line that says something else of its invoice', async () => {
    const { console, vaultId, written, offered } = await office()
    const view = await written('lines.csv', `${lines}R-2;2026-05-06;Chops;2;A4;Ash;1;1,00;7 %;1,00\n`)
    const mapping = mappingOf(view, (await offered(view)).suggested)
    const preview = await console.foreign.preview({ file: view.file.handle, mapping }, context)
    expect(preview.fields.find(({ path }) => path === 'issueDate')).toMatchObject({
      failing: 1,
      failures: [{ place: 'line 5', message: 'It is "2026-05-06" here, and "2026-05-05" in line 3.' }],
    })
    const request = { file: view.file.handle, mapping, vaultId, strategy: 'three-way' } as const
    const plan = await console.foreign.plan(request, context)
    expect(plan.refused).toMatchObject([{ place: 'line 3', fault: { code: 'SOURCE_FAULT' } }])
  })

  test('in a table of a database too', async () => {
    const { console, path, look, offered } = await office()
    const db = new DatabaseSync(path('sales.db'))
    db.exec(`CREATE TABLE sales(invoice_no TEXT, date TEXT, customer TEXT, text TEXT, quantity INTEGER, price REAL, amount REAL);
      INSERT INTO sales VALUES ('R-1', '2026-05-04', 'Bergs', 'Ink', 2, 1.5, 3), ('R-1', '2026-05-04', 'Bergs', 'Pens', 1, 2.25, 2.25)`)
    db.close()
    const view = await look('sales.db')
    const { suggested } = await offered(view)
    const preview = await console.foreign.preview(
      { file: view.file.handle, mapping: mappingOf(view, suggested) },
      context,
    )
    expect(preview).toMatchObject({
      rows: 2,
      records: 1,
      faulty: 0,
      example: { lineCount: 2, lines: [{ lineNo: 1 }, { lineNo: 2 }] },
    })
  })
})

describe('one row for each invoice', () => {
  const totals = `Number;Date;Customer;Net;VAT;Gross
R-1;04.05.2026;Bergs;100,00;19,00;119,00
R-2;05.05.2026;Chops;50,00;3,50;53,50
`

  test('becomes invoices with one line of their net amount', async () => {
    const { console, vaultId, written, invoices, offered } = await office()
    const view = await written('totals.csv', totals)
    const { best, suggested } = await offered(view)
    expect([best, suggested.lines?.rows]).toEqual(['invoices', 'single'])
    const request = {
      file: view.file.handle,
      mapping: mappingOf(view, suggested),
      vaultId,
      strategy: 'three-way',
    } as const
    const plan = await console.foreign.plan(request, context)
    expect(plan).toMatchObject({ counts: { insert: 2, refuse: 0 }, broken: { total: 0 } })
    await console.imports.apply({ planId: plan.planId, exclude: [] }, context)
    const found = (await invoices()).find(({ number }) => number === 'R-1')
    expect(found).toMatchObject({
      net: 10_000,
      vat: 1900,
      total: 11_900,
      lines: [{ lineNo: 1, quantity: '1', unitPrice: '100.00', amount: 10_000 }],
    })
  })

  test('has its total worked out where only net and VAT stand there, and its line of a total alone', async () => {
    const { written, offered } = await office()
    const cut = (from: number, to: number): string =>
      totals
        .split('\n')
        .map((row) =>
          row
            .split(';')
            .filter((_, at) => at < from || at >= to)
            .join(';'),
        )
        .join('\n')
    const withoutGross = (await offered(await written('a.csv', cut(5, 6)))).suggested
    expect(withoutGross.fields.find(({ path }) => path === 'total')?.from).toEqual({
      as: 'sum',
      of: ['net', 'vat'],
    })
    const grossAlone = (await offered(await written('b.csv', cut(3, 5)))).suggested
    expect(grossAlone.fields.find(({ path }) => path === 'lines.*.amount')?.from).toMatchObject({
      as: 'minor',
      column: 'Gross',
    })
    const vatAndGross = (await offered(await written('c.csv', cut(3, 4)))).suggested
    expect(vatAndGross.fields.some(({ path }) => path === 'lines.*.amount')).toBe(false)
  })
})

test('a change of the mapping is tried on what was read; the check reads the file', async () => {
  const { console, vaultId, written, offered } = await office()
  const rows = Array.from({ length: 1500 }, (_, at) => `R-${at};2026-05-04;Bergs;1,00;0;1,00`)
  const view = await written(
    'many.csv',
    ['Number;Date;Customer;Net;VAT;Gross', ...rows, 'R-x;never;Bergs;1;0;1', ''].join('\n'),
  )
  const mapping = mappingOf(view, (await offered(view)).suggested)
  const request = { file: view.file.handle, mapping }
  const preview = await console.foreign.preview(request, context)
  expect(preview).toMatchObject({ rows: 1000, complete: false, faulty: 0 })
  const plan = await console.foreign.plan({ ...request, vaultId, strategy: 'three-way' }, context)
  expect(plan).toMatchObject({ counts: { insert: 1500, refuse: 1 }, refused: [{ place: 'line 1502' }] })
})
