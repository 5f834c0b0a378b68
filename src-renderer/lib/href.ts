/** An address for a link: `href(['clients', id])`. */
export function href(segments: readonly string[], query: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(query).toString()
  return `#/${segments.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`
}
