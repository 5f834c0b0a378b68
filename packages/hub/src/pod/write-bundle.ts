/** A whole vault, or a choice of its records, in a container. Rows and keyrings stay encrypted as stored. */
import { ValidationError } from '../errors.ts'
import { Slices } from '../transaction/slices.ts'
import { withoutProgress } from '../transaction/prepare.ts'
import type { PublicEnvelope, WriteNoydbBundleOptions } from '../types/bundle.ts'
import type { CollectionApi, LongWork } from '../types/collection.ts'
import type { NoydbStore } from '../types/store.ts'
import { dumpText, type DumpChoice, type DumpSource } from '../vault/export.ts'
import { storedCollections } from '../vault/stored-names.ts'
import { chooseCompression } from './compression.ts'
import { encodeContainer, type HeaderMembers } from './container.ts'
import { parsePublicEnvelope } from './header.ts'
import { parseUntrustedObject } from './untrusted-json.ts'

export interface BundleVault {
  collection<T>(name: string): Pick<CollectionApi<T>, 'entries'>
  dump(): Promise<string>
  getBundleHandle(): Promise<string>
  _introspectState(): { readonly adapter: NoydbStore; readonly name: string; readonly userId: string }
}

const MAX_DEPTH = 8

/** Reserved rows that go along with a choice of records: who may open them, not what they once were. */
const KEPT_INTERNAL = ['_meta', '_deks', '_access']

/**
 * `handle` in the header is the vault's, the same in every export.
 * @throws ValidationError for a `since` that is no time, BundleIntegrityError for what a reader would refuse
 */
export async function writeNoydbBundle(
  vault: BundleVault,
  options: WriteNoydbBundleOptions & LongWork = {},
): Promise<Uint8Array> {
  const choice = await chooseRows(vault, options)
  const publicEnvelope = await readPublicEnvelope(vault)
  const handle = await vault.getBundleHandle()
  const members: HeaderMembers = publicEnvelope === undefined ? { handle } : { handle, publicEnvelope }
  const text =
    choice === null ? await vault.dump() : await dumpText(sourceOf(vault), choice, withoutProgress(options))
  return encodeContainer(members, Buffer.from(text), chooseCompression(options.compression), options)
}

function sourceOf(vault: BundleVault): DumpSource {
  const { adapter, name, userId } = vault._introspectState()
  return { store: adapter, name, userId, now: new Date().toISOString() }
}

async function readPublicEnvelope(vault: BundleVault): Promise<PublicEnvelope | undefined> {
  const { adapter, name } = vault._introspectState()
  const stored = await adapter.get(name, '_meta', 'public-envelope')
  if (stored === null) return undefined
  return parsePublicEnvelope(parseUntrustedObject(stored._data, 'The public envelope', MAX_DEPTH))
}

/** Null for the whole vault. */
async function chooseRows(
  vault: BundleVault,
  options: WriteNoydbBundleOptions & LongWork,
): Promise<DumpChoice | null> {
  const { collections, since, where } = options
  if (collections === undefined && since === undefined && where === undefined) return null
  const from = since === undefined ? -Infinity : timeOf(since)
  const accepted = where === undefined ? null : await acceptedIds(vault, { ...options, where })
  return {
    isCollectionChosen: (name) => collections?.includes(name) !== false,
    isRowChosen: (name, id, { _ts }) =>
      Date.parse(_ts) >= from && (accepted === null || accepted.get(name)?.has(id) === true),
    isReservedChosen: (name) => KEPT_INTERNAL.includes(name),
  }
}

function timeOf(since: Date | string): number {
  const time = new Date(since).getTime()
  if (Number.isNaN(time)) throw new ValidationError('`since` is no time.')
  return time
}

type WithWhere = WriteNoydbBundleOptions & LongWork & Required<Pick<WriteNoydbBundleOptions, 'where'>>

/** Ids by collection; only what was chosen otherwise is opened. */
async function acceptedIds(vault: BundleVault, options: WithWhere): Promise<Map<string, Set<string>>> {
  const { adapter, name } = vault._introspectState()
  const slices = new Slices(withoutProgress(options))
  const accepted = new Map<string, Set<string>>()
  for (const collection of await storedCollections(adapter, name)) {
    if (options.collections?.includes(collection) === false) continue
    const ids = new Set<string>()
    accepted.set(collection, ids)
    for (const { id, record } of await vault.collection<unknown>(collection).entries()) {
      if (await options.where(record, { collection, id })) ids.add(id)
      if (slices.due()) await slices.pause()
    }
  }
  return accepted
}
