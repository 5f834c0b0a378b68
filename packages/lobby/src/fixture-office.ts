/** Offices for tests: real engines with cheap keys, each with a workspace of its own. */
import { createNoydb, type Noydb, type NoydbStore } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import type { Body } from './import/types.ts'

export const CHEAP_KDF = { memoryKiB: 8, passes: 1, parallelism: 1 }

export async function openOffice(user: string, store: NoydbStore = memory()): Promise<Noydb> {
  return createNoydb({ store, user, secret: `secret of ${user}`, kdf: CHEAP_KDF, history: true, audit: true })
}

/** Puts records by storage id, which is also their body's `id`. */
export async function fill(
  db: Noydb,
  vault: string,
  data: Record<string, Record<string, Body>>,
): Promise<void> {
  const opened = await db.openVault(vault)
  for (const [collection, rows] of Object.entries(data)) {
    for (const [id, body] of Object.entries(rows)) {
      await opened.collection<Body>(collection).put(id, { id, ...body })
    }
  }
}

/** Every record of a vault, by collection and id. */
export async function contents(db: Noydb, vault: string): Promise<Record<string, Record<string, Body>>> {
  const opened = await db.openVault(vault, { create: false })
  const found: Record<string, Record<string, Body>> = {}
  for (const name of await opened.collections()) {
    const rows = await opened.collection<Body>(name).entries()
    if (rows.length > 0) found[name] = Object.fromEntries(rows.map(({ id, record }) => [id, record]))
  }
  return found
}
