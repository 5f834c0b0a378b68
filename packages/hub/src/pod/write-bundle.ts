/** A whole vault, or a choice of its records, in a container. Rows and keyrings stay encrypted as stored. */
import { BundleIntegrityError } from '../errors.ts'
import type { PublicEnvelope, WriteNoydbBundleOptions } from '../types/bundle.ts'
import type { CollectionApi, LongWork } from '../types/collection.ts'
import type { EncryptedEnvelope, NoydbStore, VaultSnapshot } from '../types/store.ts'
import { chooseCompression } from './compression.ts'
import { encodeContainer, type HeaderMembers } from './container.ts'
import { parsePublicEnvelope } from './header.ts'
import { parseUntrustedObject } from './untrusted-json.ts'

export interface BundleVault {
  collection<T>(name: string): Pick<CollectionApi<T>, 'entries'>
  dump(): Promise<string>
  getBundleHandle(): Promise<string>
  _introspectState(): { readonly adapter: NoydbStore; readonly name: string }
}

const MAX_DEPTH = 8

/** Reserved rows that go along with a choice of records: who may open them, not what they once were. */
const KEPT_INTERNAL = ['_meta', '_deks']

export async function writeNoydbBundle(
  vault: BundleVault,
  options: WriteNoydbBundleOptions & LongWork = {},
): Promise<Uint8Array> {
  const publicEnvelope = await readPublicEnvelope(vault)
  const handle = await vault.getBundleHandle()
  const members: HeaderMembers = publicEnvelope === undefined ? { handle } : { handle, publicEnvelope }
  const body = Buffer.from(await chooseRows(vault, await vault.dump(), options))
  return encodeContainer(members, body, chooseCompression(options.compression), options)
}

async function readPublicEnvelope(vault: BundleVault): Promise<PublicEnvelope | undefined> {
  const { adapter, name } = vault._introspectState()
  const stored = await adapter.get(name, '_meta', 'public-envelope')
  if (stored === null) return undefined
  return parsePublicEnvelope(parseUntrustedObject(stored._data, 'The public envelope', MAX_DEPTH))
}

async function chooseRows(
  vault: BundleVault,
  dump: string,
  options: WriteNoydbBundleOptions,
): Promise<string> {
  if (options.collections === undefined && options.since === undefined && options.where === undefined)
    return dump
  // Written by this vault a moment ago.
  const backup = JSON.parse(dump) as { collections?: VaultSnapshot; _internal?: VaultSnapshot }
  if (backup.collections === undefined)
    throw new BundleIntegrityError('The dump of the vault has no collections.')
  const chosen: Array<[string, Record<string, EncryptedEnvelope>]> = []
  for (const [collection, rows] of Object.entries(backup.collections)) {
    if (options.collections?.includes(collection) === false) continue
    const recent = Object.entries(rows).filter(([, row]) => isSince(row, options.since))
    const accepted = await acceptedIds(vault, collection, options.where)
    chosen.push([collection, Object.fromEntries(recent.filter(([id]) => accepted?.has(id) !== false))])
  }
  const internal = Object.entries(backup._internal ?? {}).filter(([name]) => KEPT_INTERNAL.includes(name))
  return JSON.stringify({
    ...backup,
    collections: Object.fromEntries(chosen),
    _internal: Object.fromEntries(internal),
  })
}

function isSince(row: EncryptedEnvelope, since: Date | string | undefined): boolean {
  return since === undefined || Date.parse(row._ts) >= new Date(since).getTime()
}

/** Undefined without a predicate: everything is accepted. */
async function acceptedIds(
  vault: BundleVault,
  collection: string,
  where: WriteNoydbBundleOptions['where'],
): Promise<Set<string> | undefined> {
  if (where === undefined) return undefined
  const accepted = new Set<string>()
  for (const { id, record } of await vault.collection<unknown>(collection).entries()) {
    if (await where(record, { collection, id })) accepted.add(id)
  }
  return accepted
}
