/** Where in a foreign file something stands, as people look it up there. */
export type Place =
  | { readonly line: number }
  /** `cell` is "B7"; of a whole row its first cell. */
  | { readonly sheet: string; readonly cell: string }
  /** `row` counts from 1 in the table's own order. */
  | { readonly table: string; readonly row: number }
  /** Elements of a document, from its root: `Invoice/InvoiceLine[2]`. */
  | { readonly path: string }

export function placeText(place: Place): string {
  if ('line' in place) return `line ${place.line}`
  if ('sheet' in place) return `${place.sheet}!${place.cell}`
  if ('table' in place) return `${place.table}, row ${place.row}`
  return place.path
}

/** Of what was made of several rows: the first, the last, and how many there are. */
export function placesText(first: Place, last: Place, rows: number): string {
  return rows === 1 ? placeText(first) : `${placeText(first)} to ${placeText(last)}, ${rows} rows`
}
