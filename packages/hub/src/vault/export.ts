/** A vault's records in clear, collection by collection, and its envelopes as they are. */
import { cloneJson } from '../collection/json-value.ts'
import { ExportCapabilityError } from '../errors.ts'
import { KEYRING } from '../keyring/keyring-file.ts'
import { mayExportBundle, mayHandle } from '../keyring/manage-rules.ts'
import { mayRead } from '../keyring/roles.ts'
import { Slices } from '../transaction/slices.ts'
import { readPages } from '../transaction/store-write.ts'
import type { LongWork } from '../types/collection.ts'
import type { EncryptedEnvelope, NoydbStore } from '../types/store.ts'
import type { ExportChunk } from '../types/vault.ts'
import { storedCollections, storedReserved } from './stored-names.ts'
import type { VaultCore } from './vault-core.ts'

export async function* exportChunks(
  core: VaultCore,
  { granularity = 'collection' }: { granularity?: 'collection' | 'record' } = {},
): AsyncGenerator<ExportChunk> {
  const names = (await storedCollections(core.store, core.name)).sort()
  for (const collection of names) {
    if (!mayRead(core.keys, collection)) continue
    const state = core.stateOf(collection)
    const chunk = {
      collection,
      schema: state.options.schema ?? null,
      refs: { ...core.refs.getOutbound(collection) },
    }
    const records = await recordsInIdOrder(core, collection)
    if (granularity === 'collection') yield { ...chunk, records }
    else for (const record of records) yield { ...chunk, records: [record] }
  }
}

async function recordsInIdOrder(core: VaultCore, collection: string): Promise<unknown[]> {
  const rows: { id: string; record: unknown }[] = []
  const slices = new Slices()
  for await (const { id, record } of core.stateOf(collection).rows.scan()) {
    rows.push({ id, record: cloneJson(record) })
    if (slices.due()) await slices.pause()
  }
  rows.sort((left, right) => (left.id < right.id ? -1 : 1))
  return rows.map(({ record }) => record)
}

/** Plaintext needs an explicit capability, whatever the role; bundles are for owner and admin unless one says otherwise. */
export function assertCanExport(core: VaultCore, tier: 'plaintext' | 'bundle', format?: string): void {
  const { userId, role, exportCapability: capability } = core.keys
  const allowed = tier === 'bundle' ? mayExportBundle(role, capability) : mayHandle(capability, format)
  if (!allowed) throw new ExportCapabilityError({ tier, userId, ...(format !== undefined && { format }) })
}

/** Which vault is dumped, by whom, when (ISO-8601). */
export interface DumpSource {
  readonly store: NoydbStore
  readonly name: string
  readonly userId: string
  readonly now: string
}

/** What of a vault a dump takes; everything where a member is absent. */
export interface DumpChoice {
  isCollectionChosen?(name: string): boolean
  /** Asked about rows of user collections. */
  isRowChosen?(collection: string, id: string, envelope: EncryptedEnvelope): boolean
  isReservedChosen?(name: string): boolean
}

export function dumpVault(core: VaultCore): Promise<string> {
  const { store, name, session, keys } = core
  return dumpText({ store, name, userId: keys.userId, now: session.now() })
}

/**
 * A vault as one JSON text: keyring files, envelopes by collection and id, and under `_internal` the
 * reserved rows (history, audit, sidecars, keys). Nothing is decrypted.
 */
export async function dumpText(
  source: DumpSource,
  choice: DumpChoice = {},
  work: LongWork = {},
): Promise<string> {
  const { store, name, userId, now } = source
  const head = { _noydb_backup: 1, _compartment: name, _exported_at: now, _exported_by: userId }
  const slices = new Slices(work)
  const parts = [
    JSON.stringify(head).slice(0, -1),
    ',"keyrings":{',
    await keyringsText(source),
    '},"collections":{',
  ]
  const collections = (await storedCollections(store, name)).filter(
    (collection) => choice.isCollectionChosen?.(collection) !== false,
  )
  const isChosen = choice.isRowChosen?.bind(choice)
  await pushCollections(source, collections, parts, slices, isChosen)
  parts.push('},"_internal":{')
  const reserved = (await storedReserved(store, name)).filter(
    (one) => choice.isReservedChosen?.(one) !== false,
  )
  await pushCollections(source, reserved, parts, slices)
  parts.push('}}')
  return parts.join('')
}

async function keyringsText({ store, name }: DumpSource): Promise<string> {
  const files: string[] = []
  for await (const page of readPages(store, name, KEYRING)) {
    for (const { id, envelope } of page) files.push(`${JSON.stringify(id)}:${envelope._data}`)
  }
  return files.join(',')
}

async function pushCollections(
  { store, name }: DumpSource,
  collections: readonly string[],
  parts: string[],
  slices: Slices,
  isChosen?: DumpChoice['isRowChosen'],
): Promise<void> {
  let written = 0
  for (const collection of collections) {
    const rows: string[] = []
    for await (const page of readPages(store, name, collection)) {
      for (const { id, envelope } of page) {
        if (isChosen?.(collection, id, envelope) === false) continue
        rows.push(`${JSON.stringify(id)}:${JSON.stringify(envelope)}`)
        if (slices.due()) await slices.pause()
      }
    }
    if (rows.length === 0) continue
    parts.push(`${written === 0 ? '' : ','}${JSON.stringify(collection)}:{`, rows.join(','), '}')
    written += 1
  }
}
