/** Titles and templates of records, for lists that go over many clients. */
import type { RowRef } from '@klum-db/lobby'
import { type CompiledCollection, titleOf } from '@klum-db/lobby/templates'
import { clientTemplate } from './clients/names.ts'
import type { Open } from './session.ts'

type Body = Readonly<Record<string, unknown>>
type Place = Pick<RowRef, 'vault' | 'collection'>

export interface TitleOf {
  /** The collection as the client's template describes it. */
  template(place: Place): CompiledCollection | undefined
  title(row: RowRef, body: Body | null): string
}

/** Clients that are not registered yet are taken to be of the default template. */
export function recordTitles({ templates, templateNames }: Open): TitleOf {
  const template = ({ vault, collection }: Place): CompiledCollection | undefined =>
    templates.get(templateNames.get(vault) ?? clientTemplate).collections.get(collection)
  return { template, title: (row, body) => titleOf(template(row), row.id, body) }
}

/** Title of the record as it is now; of one that is gone, what its id says. */
export async function currentTitle(open: Open, titles: TitleOf, row: RowRef): Promise<string> {
  const vault = await open.vault(row.vault)
  return titles.title(row, await vault.collection<Record<string, unknown>>(row.collection).get(row.id))
}
