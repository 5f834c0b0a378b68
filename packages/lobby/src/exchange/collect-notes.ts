/** What an export says besides its records: what was deleted since it was exchanged, what is not decided, what was left out. */
import type { VaultApi } from '@noy-db/hub'
import { limits } from '@noy-db/hub'
import type { Pace } from '../pace.ts'
import type { State } from '../state.ts'
import type { ReceivedFrom } from './answers.ts'
import { chainOf, readBases } from './bases.ts'
import type { CompartmentNotes, Deletion, LeftOut } from './compartment-notes.ts'
import { isWith, type Chain } from './exchanged.ts'
import type { ExportVault, PackedVault } from './pack-vault.ts'

/** The hub's rows of deleted records, `<collection>/<id>`; readable without a key. */
const TOMBSTONES = '_tombstones'

export interface NotesRequest {
  readonly party: string
  readonly input: ExportVault
  readonly received: ReceivedFrom
  /** Whether deletions are told at all. */
  readonly tombstones: boolean
  /** Of the manifest, for these notes. */
  readonly bytes: number
}

export async function collectNotes(
  state: State,
  packed: Pick<PackedVault, 'vault' | 'content'>,
  request: NotesRequest,
  slices: Pace,
): Promise<CompartmentNotes> {
  const { vault, content } = packed
  const unsettled = await unsettledRecords(state, vault, request.party)
  const room = new Room(request.bytes)
  const leftOut = room.take(leftOutOf(vault, request.received))
  const notes = { leftOut, unsettled: room.take(rowsOf(unsettled)) }
  if (!request.tombstones) return { ...notes, deleted: [] }
  const deleted: Deletion[] = []
  for (const [collection, ids] of await deletedIds(vault, request.input)) {
    const sent = new Set(content[collection]?.map(({ id }) => id)) // created again while this was packed
    const gone = ids.filter((id) => !sent.has(id) && unsettled.get(collection)?.has(id) !== true)
    deleted.push(...(await untold(vault, collection, gone, request, slices)))
  }
  return { ...notes, deleted: room.take(deleted) }
}

/** A row around its id, as JSON in base64. */
const AROUND_BYTES = 100

/** What is left of the manifest. */
class Room {
  #bytes: number

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  /** As many as fit; what a receiver would refuse to read is never among them. */
  take<Row extends { readonly collection: string; readonly id: string }>(rows: readonly Row[]): Row[] {
    const taken: Row[] = []
    for (const row of rows) {
      const size = Buffer.byteLength(row.id)
      if (size === 0 || size > limits.idBytes) continue
      this.#bytes -= size * 2 + AROUND_BYTES
      if (this.#bytes < 0 || taken.length === limits.bundleDeletions) break
      taken.push(row)
    }
    return taken
  }
}

function rowsOf(records: ReadonlyMap<string, ReadonlySet<string>>): CompartmentNotes['unsettled'] {
  return [...records].flatMap(([collection, ids]) => [...ids].map((id) => ({ collection, id })))
}

/** Records with an open conflict with that party, by collection. */
async function unsettledRecords(
  state: State,
  vault: VaultApi,
  party: string,
): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>()
  for (const row of await state.index.list()) {
    if (row.status !== 'open' || row.party !== party || row.vault !== vault.name) continue
    found.set(row.collection, (found.get(row.collection) ?? new Set()).add(row.recordId))
  }
  return found
}

function leftOutOf(vault: VaultApi, { imports }: ReceivedFrom): LeftOut[] {
  return imports.flatMap(({ excluded, exchangeId }) => {
    if (exchangeId === null) return []
    const here = excluded.filter(
      ({ vault: name, collection }) => name === vault.name && isCollectionName(collection),
    )
    return here.map(({ collection, id }) => ({ collection, id, exchangeId }))
  })
}

/** A refused row may come from a collection no vault can have. */
function isCollectionName(name: string): boolean {
  const size = Buffer.byteLength(name)
  return size > 0 && size <= limits.nameBytes && !name.startsWith('_') && !name.includes('/')
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
    if (!(await isWanted(chain, collection, input, received.tookOf(vault.name, collection, id)))) continue
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
