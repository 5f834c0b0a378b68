/** Every stored row of a workspace as the store holds it, for comparing before and after. */
import type { TestConsole } from './fixture.ts'

/** `vault/collection/id` -> envelope text, reserved rows and reserved vaults included. */
export async function rawRows(console: TestConsole): Promise<Map<string, string>> {
  const store = console.session.current?.store
  if (!store?.listVaults || !store.listCollections || !store.listPage)
    throw new Error('The workspace is locked.')
  const rows = new Map<string, string>()
  for (const vault of await store.listVaults()) {
    for (const collection of await store.listCollections(vault)) {
      let cursor: string | null | undefined
      while (cursor !== null) {
        const page: Awaited<ReturnType<NonNullable<typeof store.listPage>>> = await store.listPage(
          vault,
          collection,
          cursor,
          500,
        )
        for (const { id, envelope } of page.items)
          rows.set(`${vault}/${collection}/${id}`, JSON.stringify(envelope))
        cursor = page.nextCursor
      }
    }
  }
  return rows
}

/** Keys of the rows that came, went or changed. */
export function changedRows(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  const keys = new Set([...before.keys(), ...after.keys()])
  return [...keys].filter((key) => before.get(key) !== after.get(key)).sort()
}
