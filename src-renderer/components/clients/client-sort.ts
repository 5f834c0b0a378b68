import type { ClientRow } from '../../../src-shared/ipc/clients.ts'
import type { Sort } from '../ui/table.ts'

/** Numbers by size, names as the reader's language orders them; a date that is missing comes before every other. */
export function sortClients(rows: readonly ClientRow[], sort: Sort, locale: string): ClientRow[] {
  const sign = sort.direction === 'asc' ? 1 : -1
  const names = new Intl.Collator(locale === '' ? undefined : locale, { numeric: true })
  return rows.toSorted((a, b) => {
    const [left, right] = [fact(a, sort.column), fact(b, sort.column)]
    const order =
      typeof left === 'number' && typeof right === 'number'
        ? left - right
        : names.compare(String(left), String(right))
    return sign * order || names.compare(a.name, b.name)
  })
}

function fact(client: ClientRow, column: string): string | number {
  const facts: Readonly<Record<string, unknown>> = { ...client }
  const value = facts[column]
  return typeof value === 'number' || typeof value === 'string' ? value : ''
}
