/**
 * Reads a closed workspace file, on Node 24, and prints it as JSON:
 *
 *   node e2e/northwind/stored.ts rows FILE       every stored row as a digest of its envelope, without a key
 *   node e2e/northwind/stored.ts contents FILE   records and conflicts, through the console's services
 */
import { createHash } from 'node:crypto'
import path from 'node:path'
import { sqliteStore } from '@noy-db/to-sqlite'
import { createConsole, type Console } from '../../src-main/console/console.ts'
import type { ConflictDetailView } from '../../src-shared/ipc/conflicts.ts'
import { passphrase } from './build.ts'

export type StoredRows = Record<string, string>

export interface StoredContents {
  /** By client name, then by id. */
  readonly invoices: Record<string, Record<string, Record<string, unknown>>>
  readonly contacts: Record<string, Record<string, Record<string, unknown>>>
  readonly payments: Record<string, Record<string, Record<string, unknown>>>
  readonly conflicts: ConflictDetailView[]
}

async function readRows(file: string): Promise<StoredRows> {
  const store = await sqliteStore({ file, create: false, owner: 'the month-end test' })
  const rows: StoredRows = {}
  try {
    for (const vault of await store.listVaults()) {
      for (const collection of await store.listCollections(vault)) {
        const ids = await store.list(vault, collection)
        for (const [at, envelope] of (await store.getMany(vault, collection, ids)).entries()) {
          const digest = createHash('sha256').update(JSON.stringify(envelope)).digest('base64url')
          rows[`${vault}/${collection}/${ids[at] ?? ''}`] = digest
        }
      }
    }
  } finally {
    await store.close()
  }
  return rows
}

async function readContents(file: string): Promise<StoredContents> {
  const resourcesDir = path.resolve(import.meta.dirname, '../../resources')
  const opened = createConsole({ file, host: 'loopback', resourcesDir, emit: () => undefined })
  await opened.workspace.unlock(passphrase)
  try {
    const clients = await opened.clients.list()
    const read = (collection: string) => recordsOf(opened, clients, collection)
    return {
      invoices: await read('invoices'),
      contacts: await read('contacts'),
      payments: await read('payments'),
      conflicts: [...(await conflicts(opened, 'open')), ...(await conflicts(opened, 'decided'))],
    }
  } finally {
    await opened.close()
  }
}

type Clients = Awaited<ReturnType<Console['clients']['list']>>

async function recordsOf(opened: Console, clients: Clients, collection: string) {
  const found: Record<string, Record<string, Record<string, unknown>>> = {}
  for (const { vaultId, name } of clients) {
    const entries = await opened.session.use(async (open) => {
      return (await open.vault(vaultId)).collection<Record<string, unknown>>(collection).entries()
    })
    found[name] = Object.fromEntries(entries.map(({ id, record }) => [id, record]))
  }
  return found
}

async function conflicts(opened: Console, status: 'open' | 'decided'): Promise<ConflictDetailView[]> {
  const { rows } = await opened.conflicts.list({ filter: { status }, offset: 0, limit: 500 })
  const details: ConflictDetailView[] = []
  for (const { vault, collection, conflictId } of rows) {
    details.push(await opened.conflicts.get({ vault, collection, conflictId }))
  }
  return details
}

if (process.argv[1] === import.meta.filename) {
  const [, , what, file] = process.argv
  if (file === undefined || (what !== 'rows' && what !== 'contents'))
    throw new Error('Say rows or contents, and name the file.')
  process.stdout.write(JSON.stringify(what === 'rows' ? await readRows(file) : await readContents(file)))
}
