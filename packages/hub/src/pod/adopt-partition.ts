/**
 * An extracted partition as a vault of its own, still without an owner. Every record is sealed anew under keys
 * made here, bound to the new vault's ULID and its place in it (decisions.md 8); versions, times, writers and
 * provenance stay those of the source. On a store with `tx` it is all one transaction; on others the marker is
 * written first and last, and the same call finishes what a crash left.
 */
import type { KeyObject } from 'node:crypto'
import { newKey } from '../crypto/aead.ts'
import { RowCodec } from '../crypto/row-codec.ts'
import { checkCollectionName, checkVaultName } from '../collection/check-name.ts'
import { AdoptionStateError, ConflictError } from '../errors.ts'
import { generateULID } from '../ids.ts'
import { KEYRING } from '../keyring/keyring-file.ts'
import { keyringLock } from '../transaction/mutex.ts'
import { withoutProgress } from '../transaction/prepare.ts'
import { Slices } from '../transaction/slices.ts'
import { writeRows } from '../transaction/store-write.ts'
import type { AdoptedPartition, AdoptPartitionOptions } from '../types/bundle.ts'
import type { LongWork, RecordMetadata } from '../types/collection.ts'
import type { EncryptedEnvelope, NoydbStore, TxOp, VaultSnapshot } from '../types/store.ts'
import { handleOp, readHandle } from '../vault/handle.ts'
import { storedCollections } from '../vault/stored-names.ts'
import { adoptionOp, openKeys, readAdoption, sealKeys, type StoredMarker } from './adoption-marker.ts'
import { importTransferKey, openPartition } from './open-partition.ts'
import type { OpenedCollection } from './partition.ts'

const SCHEMAS = '_schemas'

/**
 * Either body format. `onProgress` counts records.
 * @throws ValidationError for a bundle of another kind or a name that is none, TransferSealError for the key,
 * AdoptionStateError for a partition that was adopted here already or a vault that holds something, and what reading throws
 */
export async function adoptPartition(
  bundleBytes: Uint8Array,
  options: AdoptPartitionOptions,
): Promise<AdoptedPartition> {
  const { destinationStore: store, vaultName: vault } = options
  checkVaultName(vault)
  const transferKey = importTransferKey(options.transferKey)
  const { sealId, collections } = await openPartition(
    bundleBytes,
    options.transferKey,
    withoutProgress(options),
  )
  for (const { name } of collections) checkCollectionName(name)
  await keyringLock(store, vault).run(async () => {
    const begun = await findUnfinished(store, vault, sealId)
    const adoption =
      begun === null ? newAdoption(transferKey, sealId, collections) : resumed(transferKey, begun)
    const rows = await sealCollections(adoption, collections, options)
    options.signal?.throwIfAborted()
    await write(store, vault, adoption, rows)
  })
  return { vaultName: vault, needsOwner: true, sealId }
}

interface Adoption {
  readonly marker: Omit<StoredMarker, 'state'>
  readonly keys: ReadonlyMap<string, KeyObject>
}

function newAdoption(
  transferKey: KeyObject,
  sealId: string,
  collections: readonly OpenedCollection[],
): Adoption {
  const place = { sealId, vaultUlid: generateULID(), adoptedAt: new Date().toISOString(), version: 0 }
  const keys = new Map(collections.map(({ name }) => [name, newKey()]))
  return { marker: { ...place, sealedKeys: sealKeys(transferKey, place, keys) }, keys }
}

/** The keys of the first attempt: some of its rows may be in the store already. */
function resumed(transferKey: KeyObject, marker: StoredMarker): Adoption {
  return { marker, keys: openKeys(transferKey, marker, marker.sealedKeys ?? '') }
}

/** @throws AdoptionStateError unless the vault is empty, or holds what an earlier call with the same bundle left */
async function findUnfinished(
  store: NoydbStore,
  vault: string,
  sealId: string,
): Promise<StoredMarker | null> {
  const marker = await readAdoption(store, vault)
  if (marker?.state === 'writing' && marker.sealId === sealId) return marker
  if (marker?.sealId === sealId)
    throw new AdoptionStateError(`This partition was already adopted as ${vault}.`)
  const keyrings = await store.list(vault, KEYRING)
  const isEmpty = keyrings.length === 0 && (await storedCollections(store, vault)).length === 0
  if (marker === null && isEmpty && (await readHandle(store, vault)) === null) return null
  throw new AdoptionStateError(`The vault ${vault} holds something else already.`)
}

interface SealedRow {
  readonly collection: string
  readonly id: string
  readonly envelope: EncryptedEnvelope
}

async function sealCollections(
  { marker, keys }: Adoption,
  collections: readonly OpenedCollection[],
  work: LongWork,
): Promise<SealedRow[]> {
  const codec = new RowCodec(marker.vaultUlid)
  const slices = new Slices(
    work,
    collections.reduce((sum, { rows }) => sum + rows.length, 0),
  )
  const sealed: SealedRow[] = []
  for (const { name, rows, schema } of collections) {
    const key = keys.get(name)
    if (key === undefined)
      throw new AdoptionStateError(`The adoption that was begun holds no key for "${name}".`)
    const sealRow = (collection: string, id: string, clear: RecordMetadata, body: unknown): void => {
      const { timestamp: ts, ...rest } = clear
      const envelope = codec.seal(key, { collection, id }, { ts, ...rest }, JSON.stringify(body))
      sealed.push({ collection, id, envelope })
    }
    if (schema !== null) sealRow(SCHEMAS, name, schema.clear, schema.body)
    for (const { id, clear, body } of rows) {
      sealRow(name, id, clear, body)
      if (slices.due()) await slices.pause(sealed.length)
    }
  }
  return sealed
}

async function write(
  store: NoydbStore,
  vault: string,
  { marker }: Adoption,
  rows: readonly SealedRow[],
): Promise<void> {
  const ts = new Date().toISOString()
  const handle = (await readHandle(store, vault)) === null ? [handleOp(vault, marker.vaultUlid, ts)] : []
  const ready = { ...marker, state: 'ready' } as const
  try {
    if (store.tx !== undefined) {
      const ops = rows.map((row): TxOp => ({ vault, ...row, op: 'put' }))
      await writeRows(store, [...handle, ...ops, adoptionOp(vault, ready, ts, marker.version)])
      return
    }
    await writeRows(store, [
      adoptionOp(vault, { ...marker, state: 'writing' }, ts, marker.version),
      ...handle,
    ])
    await saveRows(store, vault, rows)
    await writeRows(store, [adoptionOp(vault, ready, ts, marker.version + 1)])
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    throw Object.assign(new AdoptionStateError(`Somebody else has just used the name ${vault}.`), {
      cause: error,
    })
  }
}

/** Without `tx`: the records in one call, then the few reserved rows. */
async function saveRows(store: NoydbStore, vault: string, rows: readonly SealedRow[]): Promise<void> {
  const byCollection = new Map<string, Array<[id: string, envelope: EncryptedEnvelope]>>()
  for (const { collection, id, envelope } of rows) {
    if (collection === SCHEMAS) await store.put(vault, collection, id, envelope)
    else if (!byCollection.get(collection)?.push([id, envelope]))
      byCollection.set(collection, [[id, envelope]])
  }
  const snapshot: VaultSnapshot = Object.fromEntries(
    [...byCollection].map(([name, entries]) => [name, Object.fromEntries(entries)]),
  )
  await store.saveAll(vault, snapshot)
}
