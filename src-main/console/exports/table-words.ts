/** What a file of records says of itself: who made it, of which clients, and what was left out. */
import type { Open } from '../session.ts'
import type { ClientTable, TableRequest } from './tables.ts'

export interface Fact {
  readonly label: string
  readonly value: string
}

/** In words: a reader of the file has to see that something was left out. */
export function factsOf(open: Open, tables: readonly ClientTable[], { only }: TableRequest): Fact[] {
  const clients = tables.map(({ clientName }) => clientName)
  const collections = tables.map(({ label }) => label)
  return [
    { label: 'Clients', value: listed(clients, 'clients') },
    { label: 'Records', value: listed(collections, 'collections') },
    { label: 'Filter', value: only === undefined ? 'none: every record' : `records with “${only.search}”` },
    { label: 'Made by', value: open.profile.userName },
  ]
}

/** Names as long as somebody would read them. */
const namesListed = 50

function listed(names: readonly string[], what: string): string {
  const different = [...new Set(names)]
  return different.length > namesListed ? `${different.length} ${what}` : different.join(', ')
}
