/** Cells and texts of a report: everything from outside is escaped, numbers are written in full for one locale. */
import type { ExportCell } from '../cells.ts'
import type { ExportColumn } from '../table.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** For element content and quoted attributes; characters that would reorder the text around them are shown as such. */
export function escapeHtml(text: string): string {
  return (
    text
      .replaceAll(/[&<>"']/g, (found) => entities[found] ?? '')
      .replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
      // eslint-disable-next-line no-control-regex -- HTML has no characters of these
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '\ufffd')
  )
}

export interface NumberTexts {
  count(value: number): string
  /** A decimal text with its digits after the point, every digit kept. */
  decimal(text: string, places: number): string
  number(value: number): string
  day(day: string): string
  instant(at: string): string
}

/** @throws RangeError for a text that is no locale */
export function numbersIn(locale: string): NumberTexts {
  const counts = new Intl.NumberFormat(locale)
  const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 20 })
  const days = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' })
  const instants = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'long', timeZone: 'UTC' })
  const byPlaces = new Map<number, Intl.NumberFormat>()
  const withPlaces = (places: number): Intl.NumberFormat => {
    const known = byPlaces.get(places)
    if (known !== undefined) return known
    const digits = { minimumFractionDigits: places, maximumFractionDigits: places }
    const made = new Intl.NumberFormat(locale, digits)
    byPlaces.set(places, made)
    return made
  }
  return {
    count: (value) => counts.format(value),
    // Text in, so that no digit passes through a binary float.
    decimal: (text, places) => withPlaces(Math.min(places, 100)).format(text as `${number}`), // isDecimal by its making
    number: (value) => plain.format(value),
    day: (day) => days.format(new Date(`${day}T00:00:00Z`)),
    instant: (at) => instants.format(new Date(at)),
  }
}

export function headCell({ label, hint }: ExportColumn): string {
  const numeric = hint !== null && ['money', 'number', 'decimal'].includes(hint.type)
  return `<th scope="col"${numeric ? ' class="n"' : ''}>${escapeHtml(label)}</th>`
}

export function bodyCell(cell: ExportCell, numbers: NumberTexts): string {
  switch (cell?.kind) {
    case undefined:
      return '<td></td>'
    case 'text':
      return `<td>${escapeHtml(cell.text)}</td>`
    case 'boolean':
      return `<td>${cell.value ? 'yes' : 'no'}</td>`
    case 'date':
      return `<td class="d">${escapeHtml(numbers.day(cell.day))}</td>`
    case 'number':
      return `<td class="n">${escapeHtml(numbers.number(cell.value))}</td>`
    case 'decimal':
      return `<td class="n">${escapeHtml(numbers.decimal(cell.text, cell.places))}</td>`
    case 'amount':
      return `<td class="n">${escapeHtml(numbers.decimal(cell.text, cell.places))} <span class="c">${escapeHtml(cell.currency)}</span></td>`
  }
}
