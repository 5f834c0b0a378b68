/**
 * The list of clients without opening a record: counts from the store, conflicts from the index, dates from the journal.
 * Counts are kept until something changes in that vault.
 */
import { KeyringCorruptError, NoAccessError, TamperedError } from '@noy-db/hub'
import type { ClientRow } from '../../../src-shared/ipc/clients.ts'
import { countOpenConflicts, importJournal } from '../engine.ts'
import type { Open } from '../session.ts'
import { lastClosed, type PeriodBooks } from '../periods/books.ts'
import { type RegisteredClient, registeredClients } from './names.ts'

type Access = ClientRow['access']

interface VaultCounts {
  readonly records: number
  readonly bytes: number
  readonly access: Access
}

export interface ClientRows {
  readonly list: (open: Open) => Promise<ClientRow[]>
  readonly forget: (vaultId: string) => void
  readonly clear: () => void
}

export function createClientRows(books: PeriodBooks): ClientRows {
  const known = new Map<string, Promise<VaultCounts>>()

  const countsOf = (open: Open, vaultId: string): Promise<VaultCounts> => {
    const counts = known.get(vaultId) ?? countVault(open, vaultId)
    known.set(vaultId, counts)
    counts.catch(() => known.delete(vaultId)) // asked again, it may answer
    return counts
  }
  return {
    async list(open) {
      const [clients, dates, conflicts] = await Promise.all([
        registeredClients(open.state),
        exchangeDates(open),
        countOpenConflicts(open),
      ])
      return Promise.all(
        clients.map(async (client) => {
          const counts = await countsOf(open, client.vaultId)
          const book = counts.access === 'open' ? await books.of(open, client.vaultId) : null
          return {
            ...describe(client),
            ...counts,
            openConflicts: conflicts.get(client.vaultId) ?? 0,
            lastImportAt: dates.imported.get(client.vaultId) ?? null,
            lastExportAt: dates.exported.get(client.vaultId) ?? null,
            lastClosed: book === null ? null : lastClosed(book),
          }
        }),
      )
    },
    forget: (vaultId) => void known.delete(vaultId),
    clear: () => {
      known.clear()
    },
  }
}

function describe(client: RegisteredClient) {
  return {
    vaultId: client.vaultId,
    key: client.partitionKey,
    name: client.name,
    template: client.templateName,
    schemaVersion: client.schemaVersion,
    createdAt: new Date(client.createdAt).toISOString(),
  }
}

async function countVault(open: Open, vaultId: string): Promise<VaultCounts> {
  const [stats, access] = await Promise.all([open.store.stats?.(vaultId), accessTo(open, vaultId)])
  const collections = Object.entries(stats?.collections ?? {}).filter(([name]) => !name.startsWith('_'))
  const records = collections.reduce((sum, [, counts]) => sum + counts.records, 0)
  return { records, bytes: stats?.bytes ?? 0, access }
}

/** Facts apart: not being let in is no damage. */
async function accessTo({ db }: Open, vaultId: string): Promise<Access> {
  try {
    await db.openVault(vaultId, { create: false })
    return 'open'
  } catch (error) {
    if (error instanceof NoAccessError) return 'no-access'
    if (error instanceof KeyringCorruptError || error instanceof TamperedError) return 'damaged'
    throw error
  }
}

/** The newest import and export of each client. */
async function exchangeDates(open: Open) {
  const imported = new Map<string, string>()
  const exported = new Map<string, string>()
  for (const { vaults, appliedAt, status } of await importJournal(open)) {
    if (status === 'applied') for (const vault of vaults) keepNewest(imported, vault, appliedAt)
  }
  for (const { vaults, at } of await open.state.exports.list()) {
    for (const vault of vaults) keepNewest(exported, vault, at)
  }
  return { imported, exported }
}

function keepNewest(dates: Map<string, string>, vault: string, at: string): void {
  if (at > (dates.get(vault) ?? '')) dates.set(vault, at)
}
