/** Books for tests of exports: a template with typed fields, and an office that may export. */
import type { Noydb, NoydbStore } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { fill, openOffice } from '../fixture-office.ts'
import type { Body } from '../import/types.ts'
import { compileTemplate, type CompiledTemplate } from '../templates/compile.ts'
import { parseTemplate } from '../templates/parse.ts'

const jsonTypes = {
  text: 'string',
  date: 'string',
  decimal: 'string',
  money: 'integer',
  boolean: 'boolean',
  lines: 'array',
} as const

export interface TableTemplate {
  readonly name: string
  readonly collection: string
  readonly label: { readonly one: string; readonly many: string }
  readonly title: string
  readonly columns: readonly string[]
  /** Path, label and type; the schema follows from them. */
  readonly fields: readonly (readonly [string, string, keyof typeof jsonTypes])[]
}

/** A template of one collection, whose currency is a field of that name. */
export function tableTemplate({ name, collection, fields, ...rest }: TableTemplate): CompiledTemplate {
  const described = {
    ...rest,
    currency: 'currency',
    fields: fields.map(([path, label, type]) => ({ path, label, type })),
    schema: {
      type: 'object',
      properties: Object.fromEntries(fields.map(([path, , type]) => [path, { type: jsonTypes[type] }])),
    },
  }
  const template = { format: 1, name, version: 1, collections: { [collection]: described } }
  return compileTemplate(parseTemplate(JSON.stringify(template)))
}

export const books = tableTemplate({
  name: 'books',
  collection: 'bills',
  label: { one: 'Bill', many: 'Bills' },
  title: 'Bill {number}',
  columns: ['number', 'total'],
  fields: [
    ['number', 'Number', 'text'],
    ['date', 'Issued', 'date'],
    ['rate', 'Rate', 'decimal'],
    ['currency', 'Currency', 'text'],
    ['total', 'Total', 'money'],
    ['paid', 'Paid', 'boolean'],
    ['partner', 'Partner', 'text'],
    ['lines', 'Lines', 'lines'],
  ],
})

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
  const db = await openOffice('ada', store)
  for (const vault of vaults) {
    await fill(db, vault, { bills, partners })
    await allowExport(db, vault, 'ada', formats)
  }
  return db
}

export async function allowExport(
  db: Noydb,
  vault: string,
  userId: string,
  formats: readonly string[] = ['*'],
): Promise<void> {
  await db.setExportCapability(vault, { userId, exportCapability: { plaintext: [...formats] } })
}
