/** Between the declared row and the state of an agreement. */
import type { SurfaceRow, SurfaceStatus } from '../federation/registry/types.ts'
import type { SurfaceAgreement, SurfacePartyKey, SurfaceSide, SurfaceTerms } from './agreement-types.ts'
import { normalTerms } from './definition.ts'
import { hashTerms } from './terms.ts'
import type { SurfaceState } from './transitions.ts'

const BOTH: readonly SurfaceSide[] = ['other', 'proposer']

/** What is not part of the state: names, keys, times. */
export interface RowFrame {
  readonly id: string
  readonly proposedBy: string
  readonly createdAt: number
  readonly agreedBy?: string
  readonly parties?: Readonly<Record<SurfaceSide, SurfacePartyKey>>
}

/** Exchange times stay as they are in `before`, and so does an end that has been seen: a clock set back revives nothing. */
export function rowOf(
  frame: RowFrame,
  state: SurfaceState,
  before: SurfaceRow | null,
  now: number,
): SurfaceRow {
  const { terms, agreedAt } = state
  const isOver = before?.ending === 'expired' && before.expiresAt === terms.expiresAt
  const ending = state.ending ?? (isOver || isExpired(terms, now) ? 'expired' : undefined)
  const { fields, ...rest } = terms
  return {
    ...rest,
    ...(fields !== undefined && { fields: { ...fields } }),
    id: frame.id,
    status: statusOf(state, ending),
    proposedBy: frame.proposedBy,
    ...(frame.agreedBy !== undefined && state.version > 0 && { agreedBy: frame.agreedBy }),
    createdAt: frame.createdAt,
    ...(agreedAt !== undefined && { agreedAt }),
    ...(ending !== undefined && { ending }),
    ...(before?.lastSyncAt !== undefined && { lastSyncAt: before.lastSyncAt }),
    ...(before?.nextSyncDueAt !== undefined && { nextSyncDueAt: before.nextSyncDueAt }),
    agreement: agreementOf(state, frame.parties),
  }
}

export function isExpired({ expiresAt }: Pick<SurfaceRow, 'expiresAt'>, now: number): boolean {
  return expiresAt !== undefined && now >= expiresAt
}

function agreementOf(state: SurfaceState, parties: RowFrame['parties']): SurfaceAgreement {
  const { version, suspendedBy, pending, endedBy } = state
  return {
    version,
    termsHash: hashTerms(state.terms),
    suspendedBy,
    ...(pending !== undefined && { pending }),
    ...(endedBy !== undefined && { endedBy }),
    ...(parties !== undefined && { parties }),
  }
}

/** The declared union has no word for an ending: `ending` says the rest. */
function statusOf({ version, suspendedBy }: SurfaceState, ending: SurfaceRow['ending']): SurfaceStatus {
  if (ending !== undefined) return 'suspended'
  if (version === 0) return 'proposed'
  return suspendedBy.length > 0 ? 'suspended' : 'agreed'
}

/** A row that was written by the declared calls has no more than its status. */
export function stateOf(row: SurfaceRow): SurfaceState {
  const { agreement, agreedAt, ending } = row
  const terms = termsOf(row)
  const version = agreement?.version ?? (row.status === 'proposed' ? 0 : 1)
  const pending = agreement?.pending ?? (version === 0 ? firstPending(terms) : undefined)
  return {
    version,
    terms,
    suspendedBy: suspendedBy(row),
    ...(pending !== undefined && ending === undefined && { pending }),
    ...(agreedAt !== undefined && { agreedAt }),
    ...(ending !== undefined && ending !== 'expired' && { ending }),
    ...(agreement?.endedBy !== undefined && { endedBy: agreement.endedBy }),
  }
}

/** A status that was patched to `suspended` names nobody: then both have to lift it. */
function suspendedBy({ agreement, status, ending }: SurfaceRow): readonly SurfaceSide[] {
  if (status === 'agreed') return []
  const named = agreement?.suspendedBy ?? []
  return status === 'suspended' && ending === undefined && named.length === 0 ? BOTH : named
}

function firstPending(terms: SurfaceTerms) {
  return { by: 'proposer' as const, version: 1, terms, act: '' }
}

function termsOf(row: SurfaceRow): SurfaceTerms {
  return normalTerms(row)
}
