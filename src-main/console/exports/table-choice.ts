/** What an export of tables would hold, before it is made: counts by collection, and which records a search finds. */
import type { CompiledCollection } from '@klum-db/lobby/templates'
import type { OutputOf } from '../../../src-shared/ipc/contract.ts'
import { clientNames, clientTemplate } from '../clients/names.ts'
import { matches } from '../clients/record-search.ts'
import type { Open } from '../session.ts'
import { mayLeave } from './allow-format.ts'
import { type RowChoice, type TableRequest, tableFormats } from './tables.ts'

export interface TableChoice {
  readonly vaults: readonly string[]
  /** Empty = all. */
  readonly search: string
}

type Facts = OutputOf<'exports.tableFacts'>

export async function tableFacts(open: Open, { vaults, search }: TableChoice): Promise<Facts> {
  const collections = new Map<string, Facts['collections'][number]>()
  for (const vaultId of vaults) {
    const described = [...collectionsOf(open, vaultId)]
    const names = described.map(({ name }) => name)
    const found = search === '' ? undefined : await rowsFound(open, { vaults: [vaultId], search }, names)
    const counts = await recordCounts(open, vaultId)
    for (const { name, label } of described) {
      const records = counts(name)
      const known = collections.get(name) ?? { name, label: label.many, records: 0, found: 0 }
      collections.set(name, {
        ...known,
        records: known.records + records,
        found: known.found + (found?.get(vaultId)?.get(name)?.size ?? records),
      })
    }
  }
  return { collections: [...collections.values()], withheld: await withheldIn(open, vaults) }
}

/** Ids that the search finds; each record is read once. */
export async function rowsFound(
  open: Open,
  { vaults, search }: TableChoice,
  collections: readonly string[],
  signal?: AbortSignal,
): Promise<RowChoice> {
  const isFound = matches(search)
  const rows = new Map<string, Map<string, Set<string>>>()
  for (const vaultId of vaults) {
    const vault = await open.vault(vaultId)
    const inVault = new Map<string, Set<string>>()
    for (const name of collections) {
      const ids = new Set<string>()
      for await (const chunk of vault.collection<Record<string, unknown>>(name).query().chunks()) {
        signal?.throwIfAborted()
        for (const entry of chunk) if (isFound(entry)) ids.add(entry.id)
      }
      inVault.set(name, ids)
    }
    rows.set(vaultId, inVault)
  }
  return rows
}

/** How many records such an export holds. */
export async function countRecords(
  open: Open,
  { vaults, collections = [], only }: TableRequest,
): Promise<number> {
  let records = 0
  for (const vault of vaults) {
    const counts = await recordCounts(open, vault)
    for (const name of collections) records += only?.rows.get(vault)?.get(name)?.size ?? counts(name)
  }
  return records
}

function collectionsOf({ templates, templateNames }: Open, vaultId: string): Iterable<CompiledCollection> {
  return templates.get(templateNames.get(vaultId) ?? clientTemplate).collections.values()
}

async function recordCounts(open: Open, vaultId: string): Promise<(collection: string) => number> {
  const stats = await open.store.stats?.(vaultId)
  return (collection) => stats?.collections[collection]?.records ?? 0
}

async function withheldIn(open: Open, vaults: readonly string[]): Promise<Facts['withheld']> {
  const nameOf = await clientNames(open.state)
  const opened = await Promise.all(vaults.map((vaultId) => open.vault(vaultId)))
  return tableFormats.map((format) => ({
    format,
    clients: opened.filter((vault) => !mayLeave(vault, format)).map(({ name }) => nameOf(name)),
  }))
}
