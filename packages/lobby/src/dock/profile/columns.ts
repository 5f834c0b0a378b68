/** The columns a profile reads, by which a file shows that it is of the kind the profile was made for. */
import type { MappingProfile } from './schema.ts'

export function columnsOfProfile({ key, fields }: MappingProfile): string[] {
  const read = fields.flatMap(({ from }) => {
    if (from.as === 'constant' || from.as === 'sum') return []
    if (from.as === 'join') return from.columns
    return from.as === 'minor' && 'column' in from.currency
      ? [from.column, from.currency.column]
      : [from.column]
  })
  return [...new Set([...key, ...read])]
}

/** All of them are among the headings. A document leaves columns out as it likes: its profile fits by its kind alone. */
export function fitsColumns(profile: MappingProfile, columns: readonly string[]): boolean {
  return columnsOfProfile(profile).every((column) => columns.includes(column))
}
