/** What an export says besides its records: what was deleted since it was exchanged, and what is not settled yet. */
import type { VaultApi } from '@noy-db/hub'
import { limits } from '@noy-db/hub'
import type { ImportJournalRow } from '../import/types.ts'
import type { Pace } from '../pace.ts'
import type { State } from '../state.ts'
import type { ReceivedFrom } from './answers.ts'
import { chainOf, readBases } from './bases.ts'
import { NO_NOTES, type CompartmentNotes, type Deletion } from './compartment-notes.ts'
import { isWith, receivedIn, type Chain } from './exchanged.ts'
import type { ExportVault, PackedVault } from './pack-vault.ts'

/** The hub's rows of deleted records, `<collection>/<id>`; readable without a key. */
const TOMBSTONES = '_tombstones'

export interface NotesRequest {
  readonly party: string
  readonly input: ExportVault
  readonly received: ReceivedFrom
  /** Whether deletions are told at all. */
  readonly tombstones: boolean
}

export async function collectNotes(
  state: State,
  { vault, content }: Pick<PackedVault, 'vault' | 'content'>,
  request: NotesRequest,
  slices: Pace,
): Promise<CompartmentNotes> {
  const unsettled = await unsettledRecords(state, vault, request, slices)
  if (!request.tombstones)
    return unsettled.size === 0 ? NO_NOTES : { deleted: [], unsettled: rowsOf(unsettled) }
  const skipped = (collection: string, id: string): boolean => unsettled.get(collection)?.has(id) === true
  const deleted: Deletion[] = []
  for (const [collection, ids] of await deletedIds(vault, request.input)) {
    const sent = new Set(content[collection]?.map(({ id }) => id)) // created again while this was packed
    const gone = ids.filter((id) => !sent.has(id) && !skipped(collection, id))
    deleted.push(...(await untold(vault, collection, gone, request, slices)))
  }
  return { deleted: deleted.slice(0, limits.bundleDeletions), unsettled: rowsOf(unsettled) }
}

function rowsOf(records: ReadonlyMap<string, ReadonlySet<string>>): CompartmentNotes['unsettled'] {
  const rows = [...records].flatMap(([collection, ids]) => [...ids].map((id) => ({ collection, id })))
  return rows.slice(0, limits.bundleDeletions)
}

/** By collection. */
async function unsettledRecords(
  state: State,
  vault: VaultApi,
  { party, received }: NotesRequest,
  slices: Pace,
): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>()
  const add = (collection: string, id: string): void => {
    found.set(collection, (found.get(collection) ?? new Set()).add(id))
  }
  for (const row of await state.index.list()) {
    if (row.status === 'open' && row.party === party && row.vault === vault.name)
      add(row.collection, row.recordId)
  }
  for (const row of received.imports) {
    for (const { collection, id } of await stillLeftOut(vault, party, row, slices)) add(collection, id)
  }
  return found
}

/** Rows an import left out by name, until a later message brings them. */
async function stillLeftOut(
  vault: VaultApi,
  party: string,
  { excluded, appliedAt }: ImportJournalRow,
  slices: Pace,
): Promise<{ collection: string; id: string }[]> {
  const left = excluded.filter((row) => row.vault === vault.name)
  const open: { collection: string; id: string }[] = []
  for (const { collection, id } of left) {
    if (collection.startsWith('_')) continue // never a collection of ours
    const [slot] = await readBases(vault, { party, collection, ids: [id] }, slices)
    const last = receivedIn(chainOf(slot?.row))
    if (last === undefined || last.at <= appliedAt) open.push({ collection, id })
  }
  return open
}

async function deletedIds(vault: VaultApi, input: ExportVault): Promise<Map<string, string[]>> {
  const { adapter } = vault._introspectState()
  const chosen = input.seeds ?? input.ids
  const names = chosen === undefined ? input.collections : Object.keys(chosen)
  const found = new Map<string, string[]>()
  for (const key of await adapter.list(vault.name, TOMBSTONES)) {
    const cut = key.indexOf('/')
    const [collection, id] = [key.slice(0, cut), key.slice(cut + 1)]
    if (collection.startsWith('_') || (names !== undefined && !names.includes(collection))) continue
    if (input.ids !== undefined && input.ids[collection]?.includes(id) !== true) continue
    const ids = found.get(collection)
    if (ids === undefined) found.set(collection, [id])
    else ids.push(id)
  }
  return found
}

/** Those the party had and is not known to have been told of. */
async function untold(
  vault: VaultApi,
  collection: string,
  ids: readonly string[],
  { party, input, received }: NotesRequest,
  slices: Pace,
): Promise<Deletion[]> {
  const { adapter } = vault._introspectState()
  const slots = await readBases(vault, { party, collection, ids }, slices)
  const told: Deletion[] = []
  for (const [at, id] of ids.entries()) {
    await slices.step()
    const chain = chainOf(slots[at]?.row)
    if (!(await isWanted(chain, collection, input, received.took))) continue
    const stored = await adapter.get(vault.name, TOMBSTONES, `${collection}/${id}`)
    if (stored !== null) told.push({ collection, id, at: stored._ts })
  }
  return told
}

/** A deleted record is chosen by the body that was exchanged. */
async function isWanted(
  chain: Chain,
  collection: string,
  { seeds, where }: ExportVault,
  took: ReadonlySet<string>,
): Promise<boolean> {
  const last = chain.at(-1)
  if (last === undefined || (last.body === null && isWith(last, took))) return false
  const body = chain.findLast((one) => one.body !== null)?.body ?? null
  if (body === null) return false
  const seed = seeds?.[collection]
  if (seed !== undefined && !(await seed(body))) return false
  return where === undefined || where(body, collection)
}
