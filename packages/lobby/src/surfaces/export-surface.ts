/** Sends what an agreement covers: by the row alone as declared, or by the agreement as it is kept. */
import { generateULID } from '@noy-db/hub/kernel'
import { ConflictError } from '@noy-db/hub'
import type { LongWork, Transaction, VaultApi } from '@noy-db/hub'
import { sha256 } from '../canonical-json.ts'
import { BASES } from '../exchange/bases.ts'
import { NO_NOTES } from '../exchange/compartment-notes.ts'
import { sentBases } from '../exchange/sent-bases.ts'
import type { SurfaceRow } from '../federation/registry/types.ts'
import { onlySignal, pace } from '../pace.ts'
import { openState } from '../state.ts'
import type { Content } from './confinement.ts'
import { encodeDelivery, type DeliveryNote } from './delivery.ts'
import { contentOf, type EntryContent, type GoneIds } from './exchange-entry.ts'
import { ExchangeRows, type StoredHead } from './exchange-rows.ts'
import { admit, assertAgreed, type Admitted, type SignedParties, type SurfaceGate } from './gate.ts'
import { collectOutgoing, onlyWork } from './outgoing.ts'
import { extractSlice, packSlice, type SurfaceBundle } from './pack-surface.ts'
import { refusal } from './refusal.ts'
import { sealGone } from './sealed-gone.ts'
import type { SentTracker } from './sent-records.ts'
import { syncedRow } from './synced.ts'
import { takenOf } from './taken.ts'

export interface ExportSurfaceOptions extends SurfaceGate, LongWork {
  /** Everything, not only what changed since the last delivery the other party has taken. */
  readonly full?: boolean
}

export interface ExportedSurface extends SurfaceBundle {
  /** Of a gated export. */
  readonly exchange?: SentExchange
}

export interface SentExchange {
  readonly exchangeId: string
  /** Null without signatures. */
  readonly sequence: number | null
  /** Null: everything is in it. */
  readonly base: number | null
  readonly records: number
  readonly gone: number
}

/**
 * With `gate`, the agreement is read again; a signed one gives a signed container, which also notes what was sent, the
 * bases of the next merge, and a line of the log, in one transaction.
 * @throws SurfaceStateError, PartitionExtractionError; with `gate` what `admit` throws, and LobbyError SURFACE_BUSY
 */
export async function exportSurface(
  source: VaultApi,
  surface: SurfaceRow,
  gate?: ExportSurfaceOptions,
): Promise<ExportedSurface> {
  if (gate === undefined) {
    assertAgreed(surface)
    return extractSlice(source, surface)
  }
  const admitted = await admit(surface, gate, 'export')
  try {
    return admitted.signed === null
      ? await exportByName(source, admitted, gate)
      : await exportSigned(source, admitted, admitted.signed, gate)
  } catch (error) {
    if (error instanceof ConflictError) throw refusal('SURFACE_BUSY', surface.id)
    throw error
  }
}

async function exportByName(
  source: VaultApi,
  { row, store, now }: Admitted,
  work: LongWork,
): Promise<ExportedSurface> {
  const { content, ...bundle } = await packSlice(row.id, source, row, onlyWork(work))
  const log = new ExchangeRows(store.vault)
  const head = await log.head(row.id)
  const exchangeId = sha256(bundle.bundleBytes)
  const collections = await contentOf(content, {}, pace(onlySignal(work)))
  const entry: EntryContent = {
    ...entryFrame(row, now),
    version: null,
    exchangeId,
    sequence: null,
    base: null,
    collections,
  }
  await store.db.transaction((tx) => log.append(tx, head, entry, {}), { command: 'surfaces.export' })
  const exchange = { exchangeId, sequence: null, base: null, records: countRecords(content), gone: 0 }
  return { ...bundle, exchange }
}

function entryFrame({ id }: SurfaceRow, now: number): Pick<EntryContent, 'surface' | 'kind' | 'at'> {
  return { surface: id, kind: 'sent', at: new Date(now).toISOString() }
}

async function exportSigned(
  source: VaultApi,
  admitted: Admitted,
  parties: SignedParties,
  options: ExportSurfaceOptions,
): Promise<ExportedSurface> {
  const { row, store, now } = admitted
  const log = new ExchangeRows(store.vault)
  const head = await log.head(row.id)
  const exchangeId = generateULID()
  const outgoing = await collectOutgoing(source, row, { ...options, head: head.head, exchangeId })
  const { content, gone, base, tracker, transferKey } = outgoing
  const sequence = head.head.sent + 1
  const sealed = Object.keys(gone).length === 0 ? undefined : sealGone(gone, transferKey, exchangeId)
  const taken = await takenOf(await openState(store.db), parties.them.party)
  const note = noteOf(row, parties, { exchangeId, sequence, base, now, taken, sealed })
  const bundleBytes = encodeDelivery(outgoing.bundleBytes, note, parties.identity)
  await remember(source, admitted, parties, log, { content, gone, note, head, tracker }, onlyWork(options))
  const counts = { records: countRecords(content), gone: Object.values(gone).flat().length }
  return { bundleBytes, transferKey, exchange: { exchangeId, sequence, base, ...counts } }
}

interface NoteInput {
  readonly exchangeId: string
  readonly sequence: number
  readonly base: number | null
  readonly now: number
  readonly taken: readonly string[]
  readonly sealed: string | undefined
}

type Note = Omit<DeliveryNote, 'signature'>

function noteOf({ id, agreement }: SurfaceRow, { identity, them }: SignedParties, input: NoteInput): Note {
  // Agreed on, so it has a version and both keys; without one of them nothing may leave.
  if (agreement === undefined || them.publicKey === null) throw refusal('SURFACE_PARTY', id)
  return {
    id,
    version: agreement.version,
    terms: agreement.termsHash,
    from: { party: identity.party, publicKey: identity.publicKey },
    to: { party: them.party, publicKey: them.publicKey },
    exchangeId: input.exchangeId,
    sequence: input.sequence,
    base: input.base,
    createdAt: new Date(input.now).toISOString(),
    taken: input.taken,
    ...(input.sealed !== undefined && { gone: input.sealed }),
  }
}

interface Sent {
  readonly content: Content
  readonly gone: GoneIds
  readonly note: Note
  readonly head: StoredHead
  readonly tracker: SentTracker
}

/** Bases, what was sent, the log and the time of the sync: all or nothing, before the bytes are handed out. */
async function remember(
  source: VaultApi,
  { row, store, now }: Admitted,
  { side, them }: SignedParties,
  log: ExchangeRows,
  { content, gone, note, head, tracker }: Sent,
  work: LongWork,
): Promise<void> {
  const { version, exchangeId, sequence, base } = note
  const slices = pace(onlySignal(work))
  const collections = await contentOf(content, gone, slices)
  const took = new Set(head.head.took?.ids)
  const exchange = { party: them.party, exchangeId, at: note.createdAt, tookOf: () => took }
  const sent = { vault: source, content, notes: NO_NOTES }
  const bases = await sentBases(sent, exchange, onlySignal(work))
  const entry: EntryContent = { ...entryFrame(row, now), version, exchangeId, sequence, base, collections }
  const stored = await store.find(row.id)
  const stage = async (tx: Transaction): Promise<void> => {
    for (const one of bases) {
      await slices.step()
      tx.putSidecar(source, BASES, one.key, one.row)
    }
    await tracker.stage(tx, sequence, slices)
    log.append(tx, head, entry, { sent: sequence })
    if (stored !== null) store.put(tx, { ...stored, row: syncedRow(stored.row, side, 'export', now) })
  }
  await store.db.transaction(stage, { ...work, command: 'surfaces.export', reason: `surface ${row.id}` })
}

function countRecords(content: Content): number {
  return Object.values(content).reduce((sum, records) => sum + records.length, 0)
}
