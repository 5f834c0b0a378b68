/**
 * A report to be printed: one HTML file that needs nothing else and runs nothing. What was chosen and what it adds up to
 * stand above the rows, so the rows are read twice; records that change between the two are refused, not added up wrong.
 */
import type { LongWork } from '@noy-db/hub'
import { LobbyError } from '../../errors.ts'
import { pace, type Pace } from '../../pace.ts'
import { Totals } from '../cells.ts'
import { cellsOf, columnsOfTable, rowsOf, type ExportColumn, type TableSource } from '../table.ts'
import { bodyCell, escapeHtml, headCell, numbersIn, type NumberTexts } from './markup.ts'
import { reportStyle } from './style.ts'

export interface ReportTable extends TableSource {
  /** Above the table: a client and what is listed. */
  readonly heading: string
}

export interface ReportOptions {
  readonly title: string
  /** ISO-8601. */
  readonly madeAt: string
  /** BCP 47, for numbers and dates; default `en-GB`. */
  readonly locale?: string
  /** What was chosen, as a person would say it. */
  readonly filters?: readonly { readonly label: string; readonly value: string }[]
}

/** Sums of one table, told in its head. */
interface Summary {
  readonly table: ReportTable
  readonly columns: readonly ExportColumn[]
  readonly rows: number
  readonly totals: ReadonlyMap<string, Totals>
}

/** Chunks of the file. @throws ExportCapabilityError at once, for any of the vaults; LobbyError EXPORT_CHANGED at the end of a table */
export function exportReport(
  tables: readonly ReportTable[],
  options: ReportOptions,
  work?: LongWork,
): AsyncGenerator<string> {
  for (const { vault } of tables) vault.assertCanExport('plaintext', 'html')
  return reportChunks(tables, options, work)
}

async function* reportChunks(
  tables: readonly ReportTable[],
  options: ReportOptions,
  work?: LongWork,
): AsyncGenerator<string> {
  const slices = pace(work)
  const numbers = numbersIn(options.locale ?? 'en-GB')
  const summaries: Summary[] = []
  for (const table of tables) summaries.push(await summaryOf(table, slices))
  yield head(options, summaries, numbers)
  for (const summary of summaries) yield* section(summary, numbers, slices)
  yield '</main>\n</body>\n</html>\n'
}

async function summaryOf(table: ReportTable, slices: Pace): Promise<Summary> {
  const columns = await columnsOfTable(table)
  const counting = new Counting(columns)
  for await (const rows of rowsOf(table)) {
    for (const { record } of rows) {
      await slices.step()
      counting.add(cellsOf(record, columns))
    }
  }
  return { table, columns, rows: counting.rows, totals: counting.totals }
}

class Counting {
  rows = 0
  readonly totals = new Map<string, Totals>()
  readonly #columns: readonly ExportColumn[]

  constructor(columns: readonly ExportColumn[]) {
    this.#columns = columns
    for (const { path, hint } of columns) if (hint?.type === 'money') this.totals.set(path, new Totals())
  }

  add(cells: ReturnType<typeof cellsOf>): void {
    this.rows += 1
    for (const [at, { path }] of this.#columns.entries()) this.totals.get(path)?.add(cells[at] ?? null)
  }
}

function head(options: ReportOptions, summaries: readonly Summary[], numbers: NumberTexts): string {
  const { title, madeAt, locale = 'en-GB', filters = [] } = options
  const facts = [...filters, { label: 'Made', value: numbers.instant(madeAt) }]
  return [
    '<!doctype html>',
    `<html lang="${escapeHtml(locale)}">`,
    '<head>',
    '<meta charset="utf-8">',
    // Whatever slips through the escapes still may not run or load anything.
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${reportStyle}</style>`,
    '</head>',
    '<body>',
    '<main>',
    `<h1>${escapeHtml(title)}</h1>`,
    `<dl>${facts.map(({ label, value }) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl>`,
    totalsTable(summaries, numbers),
    '',
  ].join('\n')
}

function totalsTable(summaries: readonly Summary[], numbers: NumberTexts): string {
  const rows = summaries.flatMap(({ table, columns, rows: count, totals }) => [
    `<tr><th scope="row">${escapeHtml(table.heading)}</th><td>Records</td><td class="n">${numbers.count(count)}</td></tr>`,
    ...columns.flatMap(({ path, label }) =>
      (totals.get(path)?.amounts() ?? []).map(
        (sum) => `<tr><th></th><td>${escapeHtml(label)}</td>${bodyCell(sum, numbers)}</tr>`,
      ),
    ),
  ])
  return `<table class="totals"><tbody>\n${rows.join('\n')}\n</tbody></table>`
}

async function* section(
  { table, columns, rows: expected, totals }: Summary,
  numbers: NumberTexts,
  slices: Pace,
): AsyncGenerator<string> {
  const again = new Counting(columns)
  yield `<section>\n<h2>${escapeHtml(table.heading)}</h2>\n<table><thead><tr>${columns.map(headCell).join('')}</tr></thead><tbody>\n`
  for await (const rows of rowsOf(table)) {
    let chunk = ''
    for (const { record } of rows) {
      await slices.step()
      const cells = cellsOf(record, columns)
      again.add(cells)
      chunk += `<tr>${cells.map((cell) => bodyCell(cell, numbers)).join('')}</tr>\n`
    }
    if (chunk !== '') yield chunk
  }
  if (again.rows !== expected || !sameTotals(again.totals, totals))
    throw new LobbyError('EXPORT_CHANGED', `"${table.heading}" changed while it was exported.`)
  yield '</tbody></table>\n</section>\n'
}

function sameTotals(left: ReadonlyMap<string, Totals>, right: ReadonlyMap<string, Totals>): boolean {
  return [...left].every(
    ([path, totals]) => JSON.stringify(totals.amounts()) === JSON.stringify(right.get(path)?.amounts()),
  )
}
