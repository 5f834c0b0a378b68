/** What a search over records finds, in lists and in exports of what a list shows. */

interface Found {
  readonly id: string
  readonly record: Readonly<Record<string, unknown>>
}

/** Every word has to occur somewhere in the record or its id. */
export function matches(search: string): (entry: Found) => boolean {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return ({ id, record }) => {
    if (words.length === 0) return true
    const text = `${id} ${textsOf(record).join(' ')}`.toLowerCase()
    return words.every((word) => text.includes(word))
  }
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value === 'number') return [String(value)]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsOf)
}
