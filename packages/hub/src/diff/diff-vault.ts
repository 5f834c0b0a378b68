/** Compares a vault with another one, or with plain records, by the id each record states in its body. */
import { ValidationError } from '../errors.ts'
import { readPath } from '../ids.ts'
import { compareIds } from '../memory/id-order.ts'
import type { LongWork } from '../types/collection.ts'
import type { VaultApi } from '../types/vault.ts'
import { Slices } from '../transaction/slices.ts'
import { diffFields, jsonEquals } from './json.ts'
import { formatDiff, type DiffRow, type ModifiedRow, type VaultDiff } from './vault-diff.ts'

export interface DiffVaultOptions extends LongWork {
  /** Compare these only, on both sides. */
  collections?: readonly string[]
  /** Member that identifies a record; default `id`. Records without a string or a number there are left out. */
  idKey?: string
  compareFn?: (a: unknown, b: unknown) => boolean
  includeUnchanged?: boolean
}

/** A vault, records per collection, or the same as JSON text. */
export type DiffCandidate<T> = Record<string, readonly T[]> | Exporter | string

/** All that is asked of a vault. */
export type Exporter = Pick<VaultApi, 'exportStream'>

type RecordsById = Map<string, Map<string, unknown>>

export async function diffVault<T = unknown>(
  vault: Exporter,
  candidate: DiffCandidate<T>,
  options: DiffVaultOptions = {},
): Promise<VaultDiff<T>> {
  const live = await indexVault(vault, options)
  const other = await indexCandidate(candidate, options)
  const rows = await compareSides<T>(live, other, options)
  const summary = {
    add: rows.added.length,
    modify: rows.modified.length,
    delete: rows.deleted.length,
    total: rows.added.length + rows.modified.length + rows.deleted.length,
  }
  const unchanged = options.includeUnchanged === true ? rows.unchanged : undefined
  return { ...rows, unchanged, summary, format: (opts) => formatDiff({ ...rows, summary }, opts?.detail) }
}

async function indexVault(vault: Exporter, options: DiffVaultOptions): Promise<RecordsById> {
  const found: RecordsById = new Map()
  for await (const { collection, records } of vault.exportStream()) add(found, collection, records, options)
  return found
}

async function indexCandidate<T>(
  candidate: DiffCandidate<T>,
  options: DiffVaultOptions,
): Promise<RecordsById> {
  if (isExporter(candidate)) return indexVault(candidate, options)
  const found: RecordsById = new Map()
  const records: unknown = typeof candidate === 'string' ? parseCandidate(candidate) : candidate
  if (typeof records !== 'object' || records === null || Array.isArray(records)) {
    throw new ValidationError('A candidate is a vault, or records per collection.')
  }
  for (const [collection, rows] of Object.entries(records)) {
    if (Array.isArray(rows)) add(found, collection, rows, options)
  }
  return found
}

function isExporter<T>(candidate: DiffCandidate<T>): candidate is Exporter {
  return (
    typeof candidate === 'object' &&
    'exportStream' in candidate &&
    typeof candidate.exportStream === 'function'
  )
}

function parseCandidate(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw Object.assign(new ValidationError('The candidate is no JSON.'), { cause })
  }
}

function add(
  into: RecordsById,
  collection: string,
  records: readonly unknown[],
  { collections, idKey = 'id' }: DiffVaultOptions,
): void {
  if (collection.startsWith('_') || collections?.includes(collection) === false) return
  const byId = into.get(collection) ?? new Map<string, unknown>()
  into.set(collection, byId)
  for (const record of records) {
    const id = readPath(record, idKey)
    if (typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id)))
      byId.set(String(id), record)
  }
}

interface Compared<T> {
  readonly added: DiffRow<T>[]
  readonly modified: ModifiedRow<T>[]
  readonly deleted: DiffRow<T>[]
  readonly unchanged: DiffRow<T>[]
}

async function compareSides<T>(
  live: RecordsById,
  other: RecordsById,
  options: DiffVaultOptions,
): Promise<Compared<T>> {
  const into: Compared<T> = { added: [], modified: [], deleted: [], unchanged: [] }
  const places = listPlaces(live, other)
  const slices = new Slices(options, places.length)
  for (const [done, [collection, id]] of places.entries()) {
    // The caller names the record type of both sides.
    const before = live.get(collection)?.get(id) as T | undefined
    const after = other.get(collection)?.get(id) as T | undefined
    classify(into, { collection, id, before, after }, options.compareFn ?? jsonEquals)
    if (slices.due()) await slices.pause(done)
  }
  return into
}

/** Every (collection, id) of either side, sorted. */
function listPlaces(live: RecordsById, other: RecordsById): Array<[collection: string, id: string]> {
  const collections = [...new Set([...live.keys(), ...other.keys()])].sort(compareIds)
  return collections.flatMap((collection) => {
    const ids = new Set([...(live.get(collection)?.keys() ?? []), ...(other.get(collection)?.keys() ?? [])])
    return [...ids].sort(compareIds).map((id): [string, string] => [collection, id])
  })
}

interface Pair<T> {
  readonly collection: string
  readonly id: string
  readonly before: T | undefined
  readonly after: T | undefined
}

function classify<T>(
  into: Compared<T>,
  { collection, id, before, after }: Pair<T>,
  equal: (a: unknown, b: unknown) => boolean,
): void {
  if (before === undefined) {
    if (after !== undefined) into.added.push({ collection, id, record: after })
  } else if (after === undefined) {
    into.deleted.push({ collection, id, record: before })
  } else if (equal(before, after)) {
    into.unchanged.push({ collection, id, record: after })
  } else {
    const changes = diffFields(before, after)
    const fieldsChanged = [...new Set(changes.map((change) => change.steps[0] ?? ''))]
    into.modified.push({ collection, id, record: after, before, fieldsChanged, fieldDiffs: changes })
  }
}
