/** Whether an exchange may take place now: by the row that was passed in, or by the agreement as it is kept. */
import type { StateManagementVault } from '../federation/registry/state-management-vault.ts'
import type { SurfaceRow } from '../federation/registry/types.ts'
import { loadIdentity } from '../identity/own-identity.ts'
import type { StoredIdentity } from '../identity/stored.ts'
import { openState } from '../state.ts'
import type { SurfacePartyKey, SurfaceSide } from './agreement-types.ts'
import { ActRows } from './act-rows.ts'
import { isExpired } from './agreement-row.ts'
import { SurfaceStateError } from './errors.ts'
import { signedRow } from './issue.ts'
import { ownSide, partiesOf } from './parties.ts'
import { refusal } from './refusal.ts'
import { otherSide, replay } from './replay.ts'
import { SurfaceStore } from './surface-store.ts'

/** What an exchange is checked against; without it, the row that is passed in is believed. */
export interface SurfaceGate {
  readonly state: StateManagementVault
  /** Own name in an agreement without signatures; without it the direction is not judged. */
  readonly party?: string
  /** Milliseconds since the epoch. */
  readonly clock?: () => number
}

export type Exchange = 'export' | 'apply'

/** Of a signed agreement. */
export interface SignedParties {
  readonly side: SurfaceSide
  readonly identity: StoredIdentity
  readonly them: SurfacePartyKey
}

export interface Admitted {
  /** As it stands, whatever was passed in. */
  readonly row: SurfaceRow
  readonly store: SurfaceStore
  readonly now: number
  readonly signed: SignedParties | null
  /** The other party's name, where it is known. */
  readonly counterpart?: string
}

/** @throws SurfaceStateError */
export function assertAgreed({ id, status }: SurfaceRow): void {
  if (status !== 'agreed') throw new SurfaceStateError(id, status, 'agreed')
}

/**
 * Reads the agreement again; a signed one from its files, so that a row somebody has patched opens nothing.
 * @throws SurfaceNotFoundError, SurfaceStateError, LobbyError SURFACE_EXPIRED, SURFACE_DIRECTION, SURFACE_PARTY
 */
export async function admit(surface: SurfaceRow, gate: SurfaceGate, doing: Exchange): Promise<Admitted> {
  const { state, clock = Date.now } = gate
  const store = new SurfaceStore(state)
  const now = clock()
  const stored = await store.get(surface.id)
  const isSigned = stored.agreement?.parties !== undefined
  const row = isSigned ? await agreementOf(store, stored, now) : stored
  if (row.ending === 'expired' || isExpired(row, now)) throw refusal('SURFACE_EXPIRED', row.id)
  assertAgreed(row)
  const signed = isSigned ? await signedParties(store, row) : null
  const side = signed?.side ?? namedSide(row, gate.party)
  if (side !== null && !mayDo(row, side, doing)) throw refusal('SURFACE_DIRECTION', row.id)
  const counterpart = signed?.them.party ?? nameOf(row, side)
  return { row, store, now, signed, ...(counterpart !== undefined && { counterpart }) }
}

async function agreementOf(store: SurfaceStore, stored: SurfaceRow, now: number): Promise<SurfaceRow> {
  const acts = await new ActRows(store.vault).acts(stored.id)
  return signedRow(stored.id, replay(acts), acts, stored, now)
}

async function signedParties(store: SurfaceStore, row: SurfaceRow): Promise<SignedParties> {
  const identity = await loadIdentity(await openState(store.db))
  const parties = partiesOf(row)
  const side = ownSide(row.id, parties, identity.publicKey)
  return { side, identity, them: parties[otherSide(side)] }
}

function namedSide({ id, proposedBy, agreedBy }: SurfaceRow, party: string | undefined): SurfaceSide | null {
  if (party === undefined) return null
  if (party === proposedBy) return 'proposer'
  if (party === agreedBy) return 'other'
  throw refusal('SURFACE_PARTY', id, party)
}

function nameOf({ proposedBy, agreedBy }: SurfaceRow, side: SurfaceSide | null): string | undefined {
  if (side === null) return undefined
  return side === 'proposer' ? agreedBy : proposedBy
}

function mayDo({ direction }: SurfaceRow, side: SurfaceSide, doing: Exchange): boolean {
  return sends(direction, doing === 'export' ? side : otherSide(side))
}

/** `push` is seen from the proposer. */
export function sends(direction: SurfaceRow['direction'], side: SurfaceSide): boolean {
  return direction === 'bidi' || (direction === 'push') === (side === 'proposer')
}
