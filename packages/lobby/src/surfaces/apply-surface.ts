/** Takes what the other party sent under an agreement: nothing outside it, nothing twice, nothing out of turn. */
import { decryptExtractedPartition } from '@noy-db/hub/bundle'
import { ConflictError } from '@noy-db/hub'
import type { Transaction, VaultApi } from '@noy-db/hub'
import { sha256 } from '../canonical-json.ts'
import { AlreadyImportedError } from '../errors.ts'
import type { SurfaceRow } from '../federation/registry/types.ts'
import type { ImportPlan } from '../import/types.ts'
import { mergeIncoming, type MergeOrigin } from '../interchange/merge-records.ts'
import type { DecryptedMergeOptions, MergeReport } from '../interchange/types.ts'
import { groupBy } from '../group-by.ts'
import { pace } from '../pace.ts'
import { openState } from '../state.ts'
import { assertWithin, type Content } from './confinement.ts'
import { decodeDelivery, type Delivery, type DeliveryNote } from './delivery.ts'
import { contentOf, type EntryContent, type GoneIds } from './exchange-entry.ts'
import { ExchangeRows, type ExchangeHead } from './exchange-rows.ts'
import { admit, assertAgreed, type Admitted, type SignedParties, type SurfaceGate } from './gate.ts'
import { goneConflicts, type GoneNote } from './gone-conflicts.ts'
import { ownMember } from './own-member.ts'
import { refusal } from './refusal.ts'
import { openGone } from './sealed-gone.ts'
import { syncedRow } from './synced.ts'
import { tookSaid } from './taken.ts'

/** What judges the records that come, and why they are written against a rule. */
export type Judged = Pick<DecryptedMergeOptions, 'rules' | 'override'>

export interface RecordRef {
  readonly collection: string
  readonly id: string
}

export interface ApplySurfaceOptions extends SurfaceGate, Judged {
  /** Everything but the writing; the delivery stays to be taken. */
  readonly dryRun?: boolean
  /** Records left out by name, where this office cannot take them (`ROWS_REFUSED`); the log says which. */
  readonly exclude?: readonly RecordRef[]
}

/**
 * Only the agreed fields are compared and written. With `gate` the agreement is read again, and a delivery under a signed one
 * has to be bound to it; records that are gone there become conflicts for a person.
 * @throws SurfaceStateError, LobbyError SURFACE_OUTSIDE; with `gate` what `admit` throws, SURFACE_DELIVERY_FOREIGN,
 * SURFACE_VERSION_OLD, SURFACE_DELIVERY_OLD, SURFACE_FULL_NEEDED, SURFACE_FILE_FORGED, AlreadyImportedError, ImportRefusedRowsError,
 * RulesBrokenError; nothing was written
 */
export async function applySurface(
  receiver: VaultApi,
  surface: SurfaceRow,
  bundleBytes: Uint8Array,
  transferKey: Uint8Array,
  gate?: ApplySurfaceOptions,
): Promise<MergeReport> {
  if (gate === undefined) {
    assertAgreed(surface)
    const content = await openSlice(surface, bundleBytes, transferKey)
    return mergeIncoming(receiver, content, mergeOptions(surface), { sha256: sha256(bundleBytes) })
  }
  const admitted = await admit(surface, gate, 'apply')
  try {
    return admitted.signed === null
      ? await applyByName(receiver, admitted, { bytes: bundleBytes, transferKey, ...gate })
      : await applySigned(receiver, admitted, admitted.signed, { bytes: bundleBytes, transferKey, ...gate })
  } catch (error) {
    if (error instanceof ConflictError) throw refusal('SURFACE_BUSY', surface.id)
    throw error
  }
}

interface Arrived extends Judged {
  readonly bytes: Uint8Array
  readonly transferKey: Uint8Array
  readonly dryRun?: boolean
  readonly exclude?: readonly RecordRef[]
}

type Opened = Awaited<ReturnType<typeof decryptExtractedPartition>>

async function openSlice(
  row: SurfaceRow,
  bytes: Uint8Array,
  key: Uint8Array,
  exchangeId?: string,
): Promise<Opened> {
  const options = exchangeId === undefined ? {} : { exchangeId }
  const content = await decryptExtractedPartition(bytes, key, options)
  await assertWithin(row.id, content, row, pace(undefined))
  return content
}

function mergeOptions(
  row: SurfaceRow,
  party?: string,
  { dryRun, rules, override }: Judged & { readonly dryRun?: boolean } = {},
): DecryptedMergeOptions {
  const { strategy, fieldAuthority } = row.conflictPolicy
  return {
    strategy,
    reason: `sync:surface:${row.id}`,
    ...(fieldAuthority !== undefined && { fieldAuthority }),
    ...(row.fields !== undefined && { projection: row.fields }),
    ...(party !== undefined && { party }),
    ...(dryRun === true && { dryRun }),
    ...(rules !== undefined && { rules }),
    ...(override !== undefined && { override }),
  }
}

async function applyByName(
  receiver: VaultApi,
  { row, store, now, counterpart }: Admitted,
  { bytes, transferKey, exclude, ...how }: Arrived,
): Promise<MergeReport> {
  const content = await openSlice(row, bytes, transferKey)
  const log = new ExchangeRows(store.vault)
  const head = await log.head(row.id)
  const exchangeId = sha256(bytes)
  const frame = { version: null, exchangeId, sequence: null, base: null }
  const entry = await receivedEntry(row, now, frame, content, {}, exclude)
  return mergeIncoming(
    receiver,
    withoutExcluded(row, content, exclude),
    mergeOptions(row, counterpart, how),
    { sha256: exchangeId },
    (tx, plan) => log.append(tx, head, { ...entry, importId: plan.id }, {}),
  )
}

/** @throws LobbyError SURFACE_INVALID for a record that is not in the delivery: a misspelt id leaves out another one. */
function withoutExcluded({ id }: SurfaceRow, content: Opened, exclude: readonly RecordRef[] = []): Opened {
  const kept = { ...content }
  for (const [collection, refs] of groupBy(exclude, (ref) => ref.collection)) {
    const ids = new Set(refs.map((ref) => ref.id))
    const records = ownMember(content, collection) ?? []
    kept[collection] = records.filter((record) => !ids.delete(record.id))
    const [missing] = ids
    if (missing !== undefined)
      throw refusal('SURFACE_INVALID', id, `There is no ${collection}/${missing} in it.`)
  }
  return kept
}

type EntryFrame = Pick<EntryContent, 'version' | 'exchangeId' | 'sequence' | 'base'>

async function receivedEntry(
  { id }: SurfaceRow,
  now: number,
  { version, exchangeId, sequence, base }: EntryFrame,
  content: Content,
  gone: GoneIds,
  exclude: readonly RecordRef[] = [],
): Promise<EntryContent> {
  const collections = await contentOf(content, gone, pace(undefined))
  const at = new Date(now).toISOString()
  const excluded = exclude.map(({ collection, id: record }) => ({ collection, id: record }))
  const frame = {
    surface: id,
    kind: 'received' as const,
    version,
    exchangeId,
    sequence,
    base,
    at,
    collections,
  }
  return { ...frame, ...(excluded.length > 0 && { excluded }) }
}

async function applySigned(
  receiver: VaultApi,
  admitted: Admitted,
  parties: SignedParties,
  { bytes, transferKey, exclude, ...how }: Arrived,
): Promise<MergeReport> {
  const { row, store, now } = admitted
  const delivery = decodeDelivery(row.id, bytes)
  const { note } = delivery
  assertBound(row, parties, note)
  const log = new ExchangeRows(store.vault)
  const head = await log.head(row.id)
  await assertInTurn(admitted, head.head, note)
  const { content, gone } = await openDelivery(row, delivery, transferKey)
  const entry = await receivedEntry(row, now, note, content, gone, exclude)
  const goneNote: GoneNote = {
    surface: row,
    party: parties.them.party,
    at: entry.at,
    exchangeId: note.exchangeId,
  }
  const asked = await goneConflicts(receiver, await openState(store.db), gone, goneNote)
  const stored = await store.find(row.id)
  const took = tookSaid(head.head, { ...note, at: note.createdAt })
  const alongside = (tx: Transaction, { id: importId }: ImportPlan): void => {
    const received = { sequence: note.sequence, exchangeId: note.exchangeId, importId }
    log.append(tx, head, { ...entry, importId }, { received, ...took })
    asked.stage(tx, importId)
    if (stored !== null) store.put(tx, { ...stored, row: syncedRow(stored.row, parties.side, 'apply', now) })
  }
  const report = await mergeIncoming(
    receiver,
    withoutExcluded(row, content, exclude),
    mergeOptions(row, parties.them.party, how),
    originOf(delivery, exclude),
    alongside,
  )
  return asked.count === 0 ? report : { ...report, gone: asked.count }
}

function originOf({ note, sha256: hash }: Delivery, excluded: readonly RecordRef[] = []): MergeOrigin {
  const { id, exchangeId, sequence, taken } = note
  const took = taken === undefined ? null : new Set(taken)
  return { sha256: hash, delivery: { surface: id, exchangeId, sequence, taken: took, excluded } }
}

function assertBound(row: SurfaceRow, { identity, them }: SignedParties, note: DeliveryNote): void {
  const isOurs =
    note.id === row.id && note.from.publicKey === them.publicKey && note.to.publicKey === identity.publicKey
  if (!isOurs)
    throw refusal('SURFACE_DELIVERY_FOREIGN', row.id, `It is of ${note.from.party} for ${note.to.party}.`)
  const inForce = row.agreement?.version ?? 0
  if (note.version < inForce) throw refusal('SURFACE_VERSION_OLD', row.id, `${note.version}`)
  if (note.version !== inForce || note.terms !== row.agreement?.termsHash)
    throw refusal('SURFACE_DELIVERY_FOREIGN', row.id, `It is of version ${note.version}.`)
}

/** A delivery holds everything since its base, so one that was lost on the way is made good by the next. */
async function assertInTurn(
  { row, store }: Admitted,
  { received }: ExchangeHead,
  note: DeliveryNote,
): Promise<void> {
  const last = received?.sequence ?? 0
  if (note.base !== null && note.base > last) throw refusal('SURFACE_FULL_NEEDED', row.id)
  if (received === null || note.sequence > last) return
  if (received.exchangeId !== note.exchangeId)
    throw refusal('SURFACE_DELIVERY_OLD', row.id, `${note.sequence} after ${last}`)
  const taken = await (await openState(store.db)).journal.get(received.importId)
  // One that was undone may be taken again.
  if (taken?.status === 'applied') throw new AlreadyImportedError(taken.id, taken.appliedAt)
}

async function openDelivery(
  row: SurfaceRow,
  { note, inner }: Delivery,
  transferKey: Uint8Array,
): Promise<{ content: Opened; gone: GoneIds }> {
  const content = await openSlice(row, inner, transferKey, note.exchangeId)
  const gone = note.gone === undefined ? {} : openGone(row.id, note.gone, transferKey, note.exchangeId)
  const foreign = Object.keys(gone).find((name) => !row.collections.includes(name))
  if (foreign !== undefined) throw refusal('SURFACE_OUTSIDE', row.id, foreign)
  return { content, gone }
}
