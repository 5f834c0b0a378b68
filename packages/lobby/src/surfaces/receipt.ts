/**
 * What the receiver has taken, as a small signed file: the sender's next delivery leaves that out. A receipt that was lost
 * costs nothing but bytes, one that comes twice or late changes nothing. Format: docs/surfaces.md.
 */
import { z } from 'zod'
import { canonicalJson } from '../canonical-json.ts'
import type { StateManagementVault } from '../federation/registry/state-management-vault.ts'
import type { SurfaceRow } from '../federation/registry/types.ts'
import { isSignedBy, signText } from '../identity/keys.ts'
import { loadIdentity } from '../identity/own-identity.ts'
import { openState } from '../state.ts'
import { Hash, Name, Party, readSurfaceFile, Signature, Taken, type PartyKey } from './file-shapes.ts'
import { ExchangeRows, type ExchangeHead } from './exchange-rows.ts'
import { surfaceLimits } from './limits.ts'
import { ownSide, partiesOf } from './parties.ts'
import { refusal } from './refusal.ts'
import { otherSide } from './replay.ts'
import { SurfaceStore } from './surface-store.ts'
import { takenOf, tookSaid, wasUndone } from './taken.ts'

const DOMAIN = 'noydb-surface-receipt-1\n'

export interface SurfaceReceipt {
  readonly noydbSurfaceReceipt: 1
  readonly surface: string
  readonly by: Readonly<PartyKey>
  readonly to: Readonly<PartyKey>
  /** ISO-8601. */
  readonly at: string
  /** Last delivery taken; 0 = none. */
  readonly sequence: number
  /** Of that delivery; null for none. */
  readonly exchangeId: string | null
  /** The next one has to be full. */
  readonly fullNeeded: boolean
  /** What stands of the addressee's deliveries and bundles, the latest last; absent in files of earlier programs. */
  readonly taken?: readonly string[]
  /** Last line of the receiver's log; null where there is none. */
  readonly log: string | null
  readonly signature: string
}

const ReceiptShape = z.strictObject({
  noydbSurfaceReceipt: z.literal(1),
  surface: Name,
  by: Party,
  to: Party,
  at: z.iso.datetime(),
  sequence: z.int().min(0),
  exchangeId: Name.nullable(),
  fullNeeded: z.boolean(),
  taken: Taken,
  log: Hash.nullable(),
  signature: Signature,
})

export interface ReceiptOptions {
  /** Ask for everything: a delivery was built on one that never came, or records are missing here. */
  readonly fullNeeded?: boolean
  /** Milliseconds since the epoch. */
  readonly clock?: () => number
}

/** For the other party of a signed agreement. @throws SurfaceNotFoundError, LobbyError SURFACE_SIGNED, SURFACE_PARTY */
export async function surfaceReceipt(
  state: StateManagementVault,
  surfaceId: string,
  { fullNeeded = false, clock = Date.now }: ReceiptOptions = {},
): Promise<string> {
  const store = new SurfaceStore(state)
  const workspace = await openState(store.db)
  const identity = await loadIdentity(workspace)
  const them = counterpart(await store.get(surfaceId), identity.publicKey)
  const rows = new ExchangeRows(store.vault)
  const { head } = await rows.head(surfaceId)
  const receipt = {
    noydbSurfaceReceipt: 1 as const,
    surface: surfaceId,
    by: { party: identity.party, publicKey: identity.publicKey },
    to: them,
    at: new Date(clock()).toISOString(),
    sequence: head.received?.sequence ?? 0,
    exchangeId: head.received?.exchangeId ?? null,
    fullNeeded: fullNeeded || (await wasUndone(workspace, await rows.entries(surfaceId))),
    taken: await takenOf(workspace, them.party),
    log: head.hash,
  }
  const signature = signText(signedText(receipt), identity.privateKey)
  return `${canonicalJson({ ...receipt, signature })}\n`
}

function counterpart(row: SurfaceRow, own: string): SurfaceReceipt['to'] {
  const parties = partiesOf(row)
  const { party, publicKey } = parties[otherSide(ownSide(row.id, parties, own))]
  if (publicKey === null) throw refusal('SURFACE_PARTY', row.id)
  return { party, publicKey }
}

function signedText(receipt: Omit<SurfaceReceipt, 'signature'>): string {
  return DOMAIN + canonicalJson(receipt)
}

/** @throws LobbyError SURFACE_FILE_INVALID, SURFACE_FILE_FORGED */
export function decodeSurfaceReceipt(file: Uint8Array | string): SurfaceReceipt {
  const most = { what: 'receipt', maxBytes: surfaceLimits.surfaceFileBytes }
  // zod's optional members may be undefined to the compiler; JSON has none.
  const receipt = readSurfaceFile(file, ReceiptShape, most) as SurfaceReceipt
  const { signature, ...rest } = receipt
  if (!isSignedBy(signedText(rest), signature, rest.by.publicKey))
    throw refusal('SURFACE_FILE_FORGED', rest.surface, rest.by.party)
  return receipt
}

/** @throws SurfaceNotFoundError, LobbyError SURFACE_FILE_INVALID, SURFACE_FILE_FORGED, SURFACE_PARTY */
export async function takeSurfaceReceipt(
  state: StateManagementVault,
  file: Uint8Array | string,
): Promise<SurfaceReceipt> {
  const receipt = decodeSurfaceReceipt(file)
  const store = new SurfaceStore(state)
  const identity = await loadIdentity(await openState(store.db))
  const them = counterpart(await store.get(receipt.surface), identity.publicKey)
  if (receipt.by.publicKey !== them.publicKey || receipt.to.publicKey !== identity.publicKey)
    throw refusal('SURFACE_PARTY', receipt.surface, receipt.by.party)
  const rows = new ExchangeRows(store.vault)
  const stored = await rows.head(receipt.surface)
  const isOurs = await wasSent(rows, receipt)
  const head = { ...acknowledge(stored.head, receipt, isOurs), ...tookSaid(stored.head, receipt) }
  await store.db.transaction((tx) => rows.put(tx, { ...stored, head }), { command: 'surfaces.receipt' })
  return receipt
}

async function wasSent(
  rows: ExchangeRows,
  { surface, sequence, exchangeId }: SurfaceReceipt,
): Promise<boolean> {
  if (sequence === 0) return true
  const entries = await rows.entries(surface)
  return entries.some(
    (entry) => entry.kind === 'sent' && entry.sequence === sequence && entry.exchangeId === exchangeId,
  )
}

/**
 * Somebody who has taken what we do not remember sending has the newer memory, as after a restored backup here: numbers go on
 * from theirs, with everything once.
 */
function acknowledge(
  head: ExchangeHead,
  { sequence, fullNeeded }: SurfaceReceipt,
  isOurs: boolean,
): ExchangeHead {
  if (!isOurs) return { ...head, sent: Math.max(head.sent, sequence), acknowledged: 0 }
  if (fullNeeded) return { ...head, acknowledged: 0 }
  return { ...head, acknowledged: Math.max(head.acknowledged, sequence) }
}
