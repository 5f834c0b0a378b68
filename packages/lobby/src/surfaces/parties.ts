/** Whose key is whose: an agreement binds two keys, and an act counts only by one of them. */
import { LobbyError } from '../errors.ts'
import type { SurfaceRow } from '../federation/registry/types.ts'
import { fingerprintOf } from '../identity/keys.ts'
import type { State } from '../state.ts'
import type { SurfacePartyKey, SurfaceSide } from './agreement-types.ts'
import type { SurfaceAct } from './act-file.ts'
import { refusal } from './refusal.ts'

export type SurfaceParties = Readonly<Record<SurfaceSide, SurfacePartyKey>>

/** Somebody whose key nobody here has confirmed: to be read aloud, and passed back as `trust`. */
export class SurfacePartyUnknownError extends LobbyError {
  readonly party: string
  readonly fingerprint: string

  constructor({ party, publicKey }: SurfaceAct['by']) {
    const fingerprint = fingerprintOf(publicKey)
    super('SURFACE_PARTY_UNKNOWN', `Nobody here has confirmed the key ${fingerprint} of ${party}.`)
    this.party = party
    this.fingerprint = fingerprint
  }
}

/** @throws LobbyError SURFACE_SIGNED for an agreement without keys */
export function partiesOf({ id, agreement }: SurfaceRow): SurfaceParties {
  if (agreement?.parties === undefined) throw refusal('SURFACE_SIGNED', id, 'This one has no signatures.')
  return agreement.parties
}

/** The side of a key; null for one that is neither, and where the other party has not signed anything yet. */
export function sideOfKey({ proposer, other }: SurfaceParties, publicKey: string): SurfaceSide | null {
  if (proposer.publicKey === publicKey) return 'proposer'
  return other.publicKey === publicKey ? 'other' : null
}

/** Ours, where nobody but us can be meant. @throws LobbyError SURFACE_PARTY */
export function ownSide(id: string, parties: SurfaceParties, publicKey: string): SurfaceSide {
  const side = sideOfKey(parties, publicKey)
  if (side !== null) return side
  if (parties.other.publicKey === null) return 'other'
  throw refusal('SURFACE_PARTY', id)
}

/**
 * A key seen for the first time in this agreement: known as this party's from its bundles, or read aloud and confirmed.
 * @throws SurfacePartyUnknownError, LobbyError SENDER_KEY_CHANGED
 */
export async function assertConfirmed(
  state: State,
  by: SurfaceAct['by'],
  trust: string | undefined,
): Promise<void> {
  if (trust !== undefined && plain(trust) === plain(fingerprintOf(by.publicKey))) return
  const sender = await state.senders.get(by.party)
  if (sender === null) throw new SurfacePartyUnknownError(by)
  if (sender.publicKey === by.publicKey) return
  throw new LobbyError('SENDER_KEY_CHANGED', `${by.party} signed with another key than before.`)
}

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(/\s/g, '').toLowerCase()
}

/** Both keys as an act states them. */
export function partiesIn({ by, to }: SurfaceAct, side: SurfaceSide): SurfaceParties {
  return side === 'proposer' ? { proposer: by, other: to } : { proposer: to, other: by }
}
