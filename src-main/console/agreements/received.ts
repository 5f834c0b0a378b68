/** Files of the other office: what they say of themselves, and taking them. */
import {
  decodeDelivery,
  decodeExchangeLog,
  decodeSurfaceFile,
  decodeSurfaceReceipt,
  fingerprintOf,
  hasMultiBundleMagic,
  type ReceivedAct,
  SurfacePartyUnknownError,
  type SurfaceTerms,
  takeSurfaceReceipt,
} from '@klum-db/lobby'
import type { OutputOf } from '../../../src-shared/ipc/contract.ts'
import type { ReceivedFile } from '../../../src-shared/ipc/agreement-views.ts'
import { clientOf, type Desk, ownSideOf, withClient } from './desk.ts'
import { termsView, wordsOf } from './terms.ts'

/** @throws LobbyError with a code of surfaces for whatever could not be taken as things are */
export async function examine(desk: Desk, bytes: Uint8Array): Promise<ReceivedFile> {
  if (hasMultiBundleMagic(bytes)) return deliveryFacts(desk, bytes)
  const kind = kindOf(bytes)
  if (kind === 'receipt') return receiptFacts(desk, bytes)
  if (kind === 'log') return logFacts(desk, bytes)
  return actFacts(desk, bytes)
}

type Small = 'act' | 'receipt' | 'log'
const members: Readonly<Record<string, Small>> = { noydbSurfaceReceipt: 'receipt', noydbSurfaceLog: 'log' }

/** By the member that names the form; canonical JSON has it among the first or the last, so that the text is searched. */
function kindOf(bytes: Uint8Array): Small {
  const text = Buffer.from(bytes)
  const found = Object.keys(members).find((name) => text.includes(`"${name}"`))
  return found === undefined ? 'act' : (members[found] ?? 'act')
}

async function deliveryFacts(desk: Desk, bytes: Uint8Array): Promise<ReceivedFile> {
  const { note } = decodeDelivery('This file', bytes)
  await desk.surfaces.get(note.id)
  return {
    kind: 'delivery',
    id: note.id,
    party: note.from.party,
    at: note.createdAt,
    sequence: note.sequence,
    base: note.base,
    bytes: bytes.byteLength,
  }
}

async function receiptFacts(desk: Desk, bytes: Uint8Array): Promise<ReceivedFile> {
  const { surface, by, at, sequence, fullNeeded } = decodeSurfaceReceipt(bytes)
  await desk.surfaces.get(surface)
  return { kind: 'receipt', id: surface, party: by.party, at, sequence, fullNeeded }
}

async function logFacts(desk: Desk, bytes: Uint8Array): Promise<ReceivedFile> {
  const entries = decodeExchangeLog(bytes)
  const id = entries[0]?.surface ?? ''
  await desk.surfaces.get(id)
  return { kind: 'log', id, entries: entries.length }
}

async function actFacts(desk: Desk, bytes: Uint8Array): Promise<ReceivedFile> {
  const { surface: id, act: kind, by, at, reason, answerBy } = decodeSurfaceFile(bytes)
  const { taken, unknownKey } = await inspected(desk, bytes)
  const { row, act, outcome, consequences } = taken
  const vaultId = await clientOf(desk, id)
  const terms: SurfaceTerms = act.terms ?? row.agreement?.pending?.terms ?? row
  return {
    kind: 'act',
    id,
    act: kind,
    party: by.party,
    fingerprint: fingerprintOf(by.publicKey),
    unknownKey,
    at,
    reason: reason ?? null,
    answerBy: answerBy ?? null,
    outcome,
    wantsClient: vaultId === null,
    terms: termsView(terms, ownSideOf(desk, row), wordsOf(desk.open, vaultId)),
    consequences: consequences.map(({ code, text }) =>
      // The engine speaks to whoever signs; here the other party is the reader.
      code === 'waits-for-countersignature' ? 'Nothing changes until you have countersigned.' : text,
    ),
  }
}

/** A key nobody has confirmed is looked at as if it were: what the file says is shown beside the fingerprint to compare. */
async function inspected(
  { surfaces }: Desk,
  bytes: Uint8Array,
): Promise<{ taken: ReceivedAct; unknownKey: boolean }> {
  try {
    return { taken: await surfaces.inspect(bytes), unknownKey: false }
  } catch (error) {
    if (!(error instanceof SurfacePartyUnknownError)) throw error
    return { taken: await surfaces.inspect(bytes, { trust: error.fingerprint }), unknownKey: true }
  }
}

export interface Taking {
  readonly fingerprint: string | undefined
  readonly vaultId: string | undefined
}

export async function take(
  desk: Desk,
  bytes: Uint8Array,
  { fingerprint, vaultId }: Taking,
): Promise<OutputOf<'agreements.take'>> {
  if (kindOf(bytes) === 'receipt') {
    const { surface } = await takeSurfaceReceipt(desk.state, bytes)
    return { id: surface, outcome: 'applied' }
  }
  const trust = fingerprint === undefined ? {} : { trust: fingerprint }
  const { surface } = decodeSurfaceFile(bytes)
  const also = await withClient(desk, surface, vaultId)
  const { row, outcome } = await desk.surfaces.receive(bytes, { ...trust, ...also })
  return { id: row.id, outcome }
}
