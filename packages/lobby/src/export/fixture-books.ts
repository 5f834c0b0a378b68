/** Books for tests of exports: a template with typed fields, and an office that may export. */
import type { Noydb, NoydbStore } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { fill, openOffice } from '../fixture-office.ts'
import type { Body } from '../import/types.ts'
import { compileTemplate, type CompiledTemplate } from '../templates/compile.ts'
import { parseTemplate } from '../templates/parse.ts'

export const books: CompiledTemplate = compileTemplate(
  parseTemplate(
    JSON.stringify({
      format: 1,
      name: 'books',
      version: 1,
      collections: {
        bills: {
          label: { one: 'Bill', many: 'Bills' },
          title: 'Bill {number}',
          currency: 'currency',
          columns: ['number', 'total'],
          fields: [
            { path: 'number', label: 'Number', type: 'text' },
            { path: 'date', label: 'Issued', type: 'date' },
            { path: 'rate', label: 'Rate', type: 'decimal' },
            { path: 'currency', label: 'Currency', type: 'text' },
            { path: 'total', label: 'Total', type: 'money' },
            { path: 'paid', label: 'Paid', type: 'boolean' },
            { path: 'partner', label: 'Partner', type: 'text' },
            { path: 'lines', label: 'Lines', type: 'lines' },
          ],
          schema: {
            type: 'object',
            properties: {
              number: { type: 'string' },
              date: { type: 'string' },
              rate: { type: 'string' },
              currency: { type: 'string' },
              total: { type: 'integer' },
              paid: { type: 'boolean' },
              partner: { type: 'string' },
              lines: { type: 'array' },
            },
          },
        },
      },
    }),
  ),
)

export const describeBooks = (_vault: string, collection: string) => books.collections.get(collection)

export const bills: Record<string, Body> = {
  b1: {
    number: '10248',
    date: '2026-05-31',
    rate: '0.190',
    currency: 'EUR',
    total: -16805,
    paid: true,
    partner: 'p1',
  },
  b2: { number: '=1+1', date: 'soon', rate: '1', currency: 'JPY', total: 1200, paid: false, partner: 'p9' },
  b3: { number: 'ü "q"', date: '1899-12-31', rate: '12345678901234567.5', total: 7, lines: [{ net: 1 }] },
}

export const partners: Record<string, Body> = { p1: { name: 'Ada & Co' }, p2: { name: 'Bob' } }

/** Vaults with the same books, in a session that may export them in these formats. */
export async function officeThatExports(
  vaults: readonly string[],
  formats: readonly string[] = ['*'],
  store: NoydbStore = memory(),
): Promise<Noydb> {
  const owner = await openOffice('ada', store)
  for (const vault of vaults) {
    await fill(owner, vault, { bills, partners })
    await owner.setExportCapability(vault, { userId: 'ada', exportCapability: { plaintext: [...formats] } })
  }
  owner.close()
  return openOffice('ada', store) // what may be exported counts from the next session on
}
