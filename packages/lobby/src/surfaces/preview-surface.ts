/** What would leave now, record by record, for a person to look at before signing and before sending. */
import { generateULID } from '@noy-db/hub/kernel'
import type { DecryptedRecord, LongWork, VaultApi } from '@noy-db/hub'
import { LobbyError, type LobbyErrorCode } from '../errors.ts'
import type { SurfaceRow } from '../federation/registry/types.ts'
import type { Content } from './confinement.ts'
import type { ExportSurfaceOptions } from './export-surface.ts'
import { ExchangeRows } from './exchange-rows.ts'
import { admit } from './gate.ts'
import { collectOutgoing, onlyWork } from './outgoing.ts'
import { onlySignal, pace, type Pace } from '../pace.ts'
import { ownMember } from './own-member.ts'
import { packSlice } from './pack-surface.ts'
import { SurfaceStore } from './surface-store.ts'

export interface CollectionOutline {
  readonly collection: string
  /** Records that would leave. */
  readonly records: number
  /** Records of the collection, whether they leave or not. */
  readonly present: number
  readonly ids: readonly string[]
  /** Fields that occur in a record and would leave, sorted; `id` among them. */
  readonly fields: readonly string[]
  /** Fields that occur in a record and stay here, sorted. */
  readonly withheld: readonly string[]
  /** Ids the other party would be told are gone. */
  readonly gone: readonly string[]
}

export interface PreviewRecord {
  readonly id: string
  /** As it would arrive. */
  readonly record: Readonly<Record<string, unknown>>
}

export interface SurfacePreview {
  readonly surface: string
  /** Why nothing leaves as things are: not agreed, suspended, over, the wrong direction. Absent where it would. */
  readonly blocked?: LobbyErrorCode
  /** Null: all of it. Else only what changed since that delivery. */
  readonly base: number | null
  readonly records: number
  readonly collections: readonly CollectionOutline[]
  /** Some of the records that would leave, in bundle order. */
  page(collection: string, range: { readonly offset: number; readonly limit: number }): PreviewRecord[]
}

/**
 * Packs as an export would and shows what is in it; nothing is written, nothing is handed out. Without `gate`, what the row
 * or the proposal covers.
 * @throws PartitionExtractionError; with `gate` SurfaceNotFoundError
 */
export async function previewSurface(
  source: VaultApi,
  surface: SurfaceRow,
  gate?: ExportSurfaceOptions,
): Promise<SurfacePreview> {
  const { row, blocked, collect } = await prepared(source, surface, gate)
  const seen = new Names()
  const { content, gone, base } = await collect((collection, record) => seen.add(collection, record))
  const slices = pace(onlySignal(gate))
  const collections: CollectionOutline[] = []
  for (const collection of row.collections) {
    const leaving = ownMember(content, collection) ?? []
    const told = ownMember(gone, collection) ?? []
    collections.push(await outline(collection, leaving, told, seen.of(collection), slices))
  }
  return {
    surface: row.id,
    ...(blocked !== undefined && { blocked }),
    base,
    records: collections.reduce((sum, { records }) => sum + records, 0),
    collections,
    page: (collection, { offset, limit }) => pageOf(content, collection, offset, limit),
  }
}

type Watch = (collection: string, record: Record<string, unknown>) => void
type Collected = Pick<Awaited<ReturnType<typeof collectOutgoing>>, 'content' | 'gone' | 'base'>

interface Prepared {
  readonly row: SurfaceRow
  readonly blocked?: LobbyErrorCode
  readonly collect: (watch: Watch) => Promise<Collected>
}

async function prepared(
  source: VaultApi,
  surface: SurfaceRow,
  gate: ExportSurfaceOptions | undefined,
): Promise<Prepared> {
  if (gate === undefined) return { row: surface, collect: (watch) => wholeSlice(source, surface, watch) }
  const store = new SurfaceStore(gate.state)
  const [stored, blocked] = [await store.get(surface.id), await refusalOf(surface, gate)]
  const work = onlyWork(gate)
  const base = { row: stored, ...(blocked !== undefined && { blocked }) }
  if (stored.agreement?.parties === undefined)
    return { ...base, collect: (watch) => wholeSlice(source, stored, watch, work) }
  const { head } = await new ExchangeRows(store.vault).head(stored.id)
  const full = gate.full === true
  const collect = (watch: Watch): Promise<Collected> =>
    collectOutgoing(source, stored, { ...work, head, exchangeId: generateULID(), full, watch })
  return { ...base, collect }
}

async function refusalOf(
  surface: SurfaceRow,
  gate: ExportSurfaceOptions,
): Promise<LobbyErrorCode | undefined> {
  try {
    await admit(surface, gate, 'export')
    return undefined
  } catch (error) {
    if (error instanceof LobbyError) return error.code
    throw error
  }
}

async function wholeSlice(
  source: VaultApi,
  row: SurfaceRow,
  watch: Watch,
  work: LongWork = {},
): Promise<Collected> {
  const { content } = await packSlice(row.id, source, row, {
    ...work,
    select: (collection, _id, record) => {
      watch(collection, record)
      return true
    },
  })
  return { content, gone: {}, base: null }
}

interface Seen {
  readonly names: Set<string>
  present: number
}

/** Field names that occur, by collection. */
class Names {
  readonly #seen = new Map<string, Seen>()

  add(collection: string, record: Record<string, unknown>): void {
    const seen = this.of(collection)
    seen.present += 1
    for (const name of Object.keys(record)) seen.names.add(name)
    this.#seen.set(collection, seen)
  }

  of(collection: string): Seen {
    return this.#seen.get(collection) ?? { names: new Set(), present: 0 }
  }
}

async function outline(
  collection: string,
  records: readonly DecryptedRecord[],
  gone: readonly string[],
  { names, present }: Seen,
  slices: Pace,
): Promise<CollectionOutline> {
  const leaving = new Set<string>()
  for (const { record } of records) {
    await slices.step()
    for (const name of Object.keys(record)) leaving.add(name)
  }
  return {
    collection,
    records: records.length,
    present,
    ids: records.map(({ id }) => id),
    fields: [...leaving].sort(),
    withheld: [...names].filter((name) => !leaving.has(name)).sort(),
    gone,
  }
}

function pageOf(content: Content, collection: string, offset: number, limit: number): PreviewRecord[] {
  const records = ownMember(content, collection) ?? []
  return records.slice(offset, offset + limit).map(({ id, record }) => ({ id, record }))
}
