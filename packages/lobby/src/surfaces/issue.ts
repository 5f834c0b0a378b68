/** Own acts: made from the agreement as it is, signed, and kept together with what becomes of it. */
import type { StateManagementVault } from '../federation/registry/state-management-vault.ts'
import type { SurfaceRow } from '../federation/registry/types.ts'
import { loadIdentity } from '../identity/own-identity.ts'
import type { StoredIdentity } from '../identity/stored.ts'
import { openState } from '../state.ts'
import type { SurfaceActKind, SurfacePartyKey, SurfaceSide, SurfaceTerms } from './agreement-types.ts'
import { encodeSurfaceFile, signAct, type SurfaceAct } from './act-file.ts'
import { ActRows } from './act-rows.ts'
import { rowOf } from './agreement-row.ts'
import { consequencesOf, type Consequence } from './consequences.ts'
import { assertExpiry, invalid, parseDefinition } from './definition.ts'
import { SurfaceNotFoundError, SurfaceStateError } from './errors.ts'
import { ownSide, partiesIn, partiesOf } from './parties.ts'
import { refusal } from './refusal.ts'
import { known, otherSide, replay, withAct, type KnownActs, type Replayed } from './replay.ts'
import { SurfaceStore, type Alongside } from './surface-store.ts'
import { isNarrower, type SurfaceSlice } from './terms.ts'
import type { SurfaceState } from './transitions.ts'

/** What a party may decide about an agreement. */
export type SurfaceDecision =
  | {
      readonly kind: 'propose'
      readonly terms: SurfaceTerms
      readonly answerBy?: number
      readonly reason?: string
    }
  | { readonly kind: 'agree' | 'decline' | 'suspend' | 'resume' | 'withdraw'; readonly reason?: string }
  /** What remains. */
  | ({ readonly kind: 'narrow'; readonly reason?: string } & SurfaceSlice)
  | {
      readonly kind: 'renew'
      readonly expiresAt: number
      readonly answerBy?: number
      readonly reason?: string
    }

export interface IssuedAct {
  readonly row: SurfaceRow
  readonly act: SurfaceAct
  /** For the other party. */
  readonly file: string
  readonly consequences: readonly Consequence[]
}

interface Draft {
  readonly act: SurfaceAct
  readonly side: SurfaceSide
  readonly row: SurfaceRow
  readonly consequences: readonly Consequence[]
}

export interface Issuing {
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Makes it a first proposal, which nothing may stand in the way of. */
  readonly addressee?: SurfacePartyKey
  readonly alongside?: Alongside | undefined
}

export async function issueAct(
  smv: StateManagementVault,
  id: string,
  decision: SurfaceDecision,
  { now, addressee, alongside }: Issuing,
): Promise<IssuedAct> {
  const store = new SurfaceStore(smv)
  const rows = new ActRows(store.vault)
  const identity = await loadIdentity(await openState(store.db))
  let made: Draft | undefined
  const row = await store.change(id, `surfaces.${decision.kind}`, async (before) => {
    const draft = draftAct({ id, decision, identity, now, before, acts: await rows.acts(id), addressee })
    made = draft
    return {
      row: draft.row,
      also: async (tx) => {
        rows.add(tx, draft.side, draft.act, { keptAt: now, received: false })
        await alongside?.(tx)
      },
    }
  })
  if (made === undefined) throw new SurfaceNotFoundError(id)
  return { row, act: made.act, file: encodeSurfaceFile(made.act), consequences: made.consequences }
}

export async function planAct(
  smv: StateManagementVault,
  id: string,
  decision: SurfaceDecision,
  now: number,
): Promise<Consequence[]> {
  const store = new SurfaceStore(smv)
  const identity = await loadIdentity(await openState(store.db))
  const acts = await new ActRows(store.vault).acts(id)
  const draft = draftAct({ id, decision, identity, now, before: await store.get(id), acts })
  return [...draft.consequences]
}

interface Given {
  readonly id: string
  readonly decision: SurfaceDecision
  readonly identity: StoredIdentity
  readonly now: number
  readonly before: SurfaceRow | null
  readonly acts: KnownActs
  readonly addressee?: SurfacePartyKey | undefined
}

function draftAct(given: Given): Draft {
  const { id, decision, now, before, acts } = given
  const { side, to } = standing(given)
  const state = replay(acts).state
  const own = acts[side].at(-1)
  const content = contentOf(id, decision, state, now)
  const act = signAct(
    {
      surface: id,
      act: decision.kind,
      number: acts[side].length + 1,
      previous: own?.hash ?? null,
      seen: acts[otherSide(side)].length,
      to,
      at: new Date(now).toISOString(),
      ...content,
      ...(decision.reason !== undefined && decision.reason !== '' && { reason: decision.reason }),
    },
    given.identity,
  )
  const one = known(act)
  const after = replay(withAct(acts, side, one))
  const changed = effectOf(id, after, one.hash, before)
  return {
    act,
    side,
    row: signedRow(id, after, withAct(acts, side, one), before, now),
    consequences: consequencesOf(state, changed, { kind: decision.kind, by: side }),
  }
}

/** Which side we are, and whom the act is for. */
function standing({ id, before, identity, addressee, acts }: Given): {
  side: SurfaceSide
  to: SurfacePartyKey
} {
  if (addressee !== undefined) {
    if (before !== null) throw new SurfaceStateError(id, before.status, 'absent')
    if (addressee.publicKey === identity.publicKey) throw refusal('SURFACE_OWN_PROPOSAL', id)
    return { side: 'proposer', to: addressee }
  }
  if (before === null) throw new SurfaceNotFoundError(id)
  const parties = partiesOf(before)
  const side = ownSide(id, parties, identity.publicKey)
  // A colleague has a key of their own, and still is no second party.
  if (side === 'other' && acts.proposer[0]?.received !== true) throw refusal('SURFACE_PARTY', id)
  return { side, to: parties[otherSide(side)] }
}

type Content = Pick<SurfaceAct, 'version' | 'terms' | 'answers' | 'answerBy'>

function contentOf(id: string, decision: SurfaceDecision, state: SurfaceState | null, now: number): Content {
  const version = (state?.version ?? 0) + 1
  switch (decision.kind) {
    case 'propose':
      return { version, terms: lasting(decision.terms, now), ...answerTime(decision.answerBy, now) }
    case 'renew':
      return {
        version,
        terms: lasting(renewed(id, decision.expiresAt, state), now),
        ...answerTime(decision.answerBy, now),
      }
    case 'narrow':
      return { version, terms: narrowed(id, decision, state) }
    case 'agree':
    case 'decline':
      return { answers: answered(id, decision.kind, state) }
    case 'suspend':
    case 'resume':
    case 'withdraw':
      return {}
  }
}

function answerTime(answerBy: number | undefined, now: number): Pick<Content, 'answerBy'> {
  if (answerBy === undefined) return {}
  if (answerBy <= now) throw invalid('The time to answer would be over before it begins.')
  return { answerBy: new Date(answerBy).toISOString() }
}

function lasting(given: SurfaceTerms, now: number): SurfaceTerms {
  const { terms } = parseDefinition(given)
  assertExpiry(terms, now)
  return terms
}

function renewed(id: string, expiresAt: number, state: SurfaceState | null): SurfaceTerms {
  if (state === null) throw new SurfaceNotFoundError(id)
  return { ...state.terms, expiresAt }
}

function narrowed(
  id: string,
  { collections, fields }: SurfaceSlice,
  state: SurfaceState | null,
): SurfaceTerms {
  if (state === null) throw new SurfaceNotFoundError(id)
  const { fields: _fields, ...rest } = state.terms
  const { terms } = parseDefinition({ ...rest, collections, ...(fields !== undefined && { fields }) })
  if (!isNarrower(terms, state.terms)) throw refusal('SURFACE_NOT_NARROWER', id)
  return terms
}

function answered(id: string, kind: SurfaceActKind, state: SurfaceState | null): string {
  if (state?.pending === undefined)
    throw refusal('SURFACE_STATE', id, `not asked to ${kind} anything`, 'proposed')
  return state.pending.act
}

/** @throws the refusal of an act that would have no effect */
export function effectOf(
  id: string,
  { state, lapsed }: Replayed,
  hash: string,
  before: SurfaceRow | null,
): SurfaceState {
  const code = lapsed.get(hash)
  if (code !== undefined || state === null) throw refusal(code ?? 'SURFACE_INVALID', id, before?.status)
  return state
}

/** The declared row of a signed agreement. Names and keys are those that stand in the acts. */
export function signedRow(
  id: string,
  { state }: Replayed,
  acts: KnownActs,
  before: SurfaceRow | null,
  now: number,
): SurfaceRow {
  const first = acts.proposer[0]?.act
  if (first === undefined || state === null) throw refusal('SURFACE_INVALID', id)
  const reply = acts.other[0]?.act
  const parties = { proposer: first.by, other: reply?.by ?? partiesIn(first, 'proposer').other }
  const frame = { id, proposedBy: first.by.party, createdAt: Date.parse(first.at), parties }
  return rowOf({ ...frame, ...(reply !== undefined && { agreedBy: reply.by.party }) }, state, before, now)
}
