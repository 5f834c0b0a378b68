// @vitest-environment jsdom
import type { Noydb } from '@noy-db/hub'
import { describe, expect, it } from 'vitest'
import { fill } from '../../fixture-office.ts'
import { books, officeThatExports } from '../fixture-books.ts'
import { exportReport, type ReportOptions, type ReportTable } from './report.ts'

const options: ReportOptions = {
  title: 'Bills <of> "Ada & Co"',
  madeAt: '2026-05-31T10:00:00Z',
  filters: [{ label: 'Period', value: '<May>' }],
}

async function table(db: Noydb, more: Partial<ReportTable> = {}): Promise<ReportTable> {
  const vault = await db.openVault('acme', { create: false })
  const template = books.collections.get('bills')
  return {
    vault,
    collection: 'bills',
    heading: 'Bills',
    columns: ['number', 'date', 'rate', 'total'],
    ...(template !== undefined && { template }),
    ...more,
  }
}

async function text(chunks: AsyncIterable<string>): Promise<string> {
  let whole = ''
  for await (const chunk of chunks) whole += chunk
  return whole
}

async function page(tables: readonly ReportTable[], changed: Partial<ReportOptions> = {}): Promise<Document> {
  const html = await text(exportReport(tables, { ...options, ...changed }))
  return new DOMParser().parseFromString(html, 'text/html')
}

const texts = (node: ParentNode, selector: string): string[] =>
  [...node.querySelectorAll(selector)].map((found) => found.textContent)

describe('a report', () => {
  it('says in its head what was chosen and what it adds up to, by currency', async () => {
    const db = await officeThatExports(['acme'])
    await fill(db, 'acme', { bills: { b4: { number: '4', currency: 'EUR', total: 20000 } } })
    const found = await page([await table(db)])
    expect(found.title).toBe(options.title)
    expect(texts(found, 'dt, dd')).toEqual(['Period', '<May>', 'Made', '31 May 2026 at 10:00:00 UTC'])
    expect(texts(found, '.totals td')).toEqual(['Records', '4', 'Total', '31.95 EUR', 'Total', '1,200 JPY'])
  })

  it('lines numbers up and writes them for its locale, every digit kept', async () => {
    const found = await page([await table(await officeThatExports(['acme']))], { locale: 'de-DE' })
    const cells = (at: number): string[] =>
      texts(found.querySelectorAll('section tbody tr')[at] ?? found, 'td')
    expect(cells(0)).toEqual(['10248', '31.05.2026', '0,190', '-168,05 EUR'])
    expect(cells(2)).toEqual(['ü "q"', '31.12.1899', '12.345.678.901.234.567,5', '7 minor units'])
    const numeric = found.querySelectorAll('section tbody tr:first-child .n')
    expect(numeric).toHaveLength(2)
    expect(found.querySelector('style')?.textContent).toMatch(/\.n \{[^}]*tabular-nums/)
  })

  it('shows hostile texts as texts: no element, script, handler or address of theirs', async () => {
    const db = await officeThatExports(['acme'])
    const hostile = '</td><script>x()</script><img src=x onerror=x()>\u202e\u0000&lt;'
    await fill(db, 'acme', { bills: { b0: { number: hostile } } })
    const found = await page([await table(db, { heading: hostile })], {
      title: hostile,
      filters: [{ label: hostile, value: hostile }],
    })
    expect(found.querySelectorAll('script, img, link, iframe, [onerror], [src], [href]')).toHaveLength(0)
    const shown = hostile.replace('\u202e\u0000', '\ufffd\ufffd')
    expect([
      found.title,
      ...texts(found, 'h1, h2, dt:first-of-type, section tbody tr:last-child td:first-child'),
    ]).toEqual([shown, shown, shown, shown, shown])
    expect(found.querySelector('meta[http-equiv]')?.getAttribute('content')).toMatch(/^default-src 'none'/)
  })

  it('refuses to add up records that change meanwhile', async () => {
    const db = await officeThatExports(['acme'])
    const chunks = exportReport([await table(db)], options)
    await chunks.next()
    await fill(db, 'acme', { bills: { b1: { number: '1', currency: 'EUR', total: 1 } } })
    await expect(text(chunks)).rejects.toMatchObject({ code: 'EXPORT_CHANGED' })
  })

  it('is not begun where it is not allowed', async () => {
    const tables = [await table(await officeThatExports(['acme'], ['csv']))]
    expect(() => exportReport(tables, options)).toThrow(
      expect.objectContaining({ code: 'EXPORT_CAPABILITY' }),
    )
  })
})
