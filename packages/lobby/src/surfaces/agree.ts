/**
 * The declared calls: agreements by name, without a signature. For two parties in one workspace, and for callers that have
 * nothing but the state vault; between offices, `Surfaces` exchanges signed files.
 */
import { generateULID } from '@noy-db/hub/kernel'
import type { VaultApi } from '@noy-db/hub'
import { LobbyError } from '../errors.ts'
import type { StateManagementVault } from '../federation/registry/state-management-vault.ts'
import type { SurfaceRow } from '../federation/registry/types.ts'
import type { SurfaceActKind, SurfaceSide, SurfaceTerms } from './agreement-types.ts'
import { rowOf, stateOf } from './agreement-row.ts'
import { assertExpiry, parseDefinition, type SurfaceDefinition } from './definition.ts'
import { SurfaceNotFoundError, SurfaceStateError } from './errors.ts'
import { assertKnownNames } from './known-names.ts'
import { refusal } from './refusal.ts'
import { SurfaceStore } from './surface-store.ts'
import { move } from './transitions.ts'

/** Replaces a proposal of the same party that nobody has answered. With `vault`, its names have to be there. @throws LobbyError SURFACE_INVALID, SURFACE_OWN_PROPOSAL; SurfaceStateError */
export async function proposeSurface(
  smv: StateManagementVault,
  def: SurfaceDefinition,
  proposedBy: string,
  now: number,
  vault?: VaultApi,
): Promise<SurfaceRow> {
  const { id = generateULID(), terms } = parseDefinition(def)
  assertExpiry(terms, now)
  if (vault !== undefined) await assertKnownNames(vault, terms)
  assertName(proposedBy)
  return new SurfaceStore(smv).change(id, 'surfaces.propose', (before) => {
    assertReplaceable(before, proposedBy)
    return { row: { ...def, id, status: 'proposed', proposedBy, createdAt: now } }
  })
}

/** An agreed row is no draft: a second proposal under its id would undo what both have agreed on. */
function assertReplaceable(before: SurfaceRow | null, proposedBy: string): void {
  if (before === null) return
  if (before.status !== 'proposed' || before.agreement?.parties !== undefined)
    throw new SurfaceStateError(before.id, before.status, 'absent')
  if (before.proposedBy !== proposedBy)
    throw new LobbyError(
      'SURFACE_ASKED',
      `${before.proposedBy} has proposed ${before.id}; answer that first.`,
    )
}

function assertName(party: string): void {
  if (party === '') throw new LobbyError('SURFACE_PARTY', 'A party needs a name.')
}

/** @throws SurfaceNotFoundError, SurfaceStateError, LobbyError SURFACE_OWN_PROPOSAL, SURFACE_SIGNED */
export async function agreeSurface(
  smv: StateManagementVault,
  surfaceId: string,
  agreedBy: string,
  now: number,
): Promise<SurfaceRow> {
  assertName(agreedBy)
  return new SurfaceStore(smv).change(surfaceId, 'surfaces.agree', (row) => {
    if (row === null) throw new SurfaceNotFoundError(surfaceId)
    if (row.status !== 'proposed') throw new SurfaceStateError(surfaceId, row.status, 'proposed')
    assertUnsigned(row)
    if (row.proposedBy === agreedBy) throw refusal('SURFACE_OWN_PROPOSAL', surfaceId)
    return { row: { ...row, status: 'agreed', agreedBy, agreedAt: now } }
  })
}

function assertUnsigned({ id, agreement }: SurfaceRow): void {
  if (agreement?.parties !== undefined) throw refusal('SURFACE_SIGNED', id)
}

/** Whatever the status; a sync is a fact. @throws SurfaceNotFoundError */
export async function markSynced(smv: StateManagementVault, id: string, now: number): Promise<SurfaceRow> {
  return new SurfaceStore(smv).change(id, 'surfaces.synced', (row) => {
    if (row === null) throw new SurfaceNotFoundError(id)
    return { row: { ...row, lastSyncAt: now, nextSyncDueAt: now + (row.cadenceMs ?? 0) } }
  })
}

export interface SurfaceActInput {
  readonly kind: Exclude<SurfaceActKind, 'propose'>
  /** Name of the party that acts. */
  readonly by: string
  /** The new terms, of narrow and renew. */
  readonly terms?: SurfaceTerms
}

/** Every act on an agreement without signatures, by the same table. @throws SurfaceNotFoundError, LobbyError with a code of surfaces */
export async function actOnSurface(
  smv: StateManagementVault,
  surfaceId: string,
  { kind, by, terms }: SurfaceActInput,
  now: number,
): Promise<SurfaceRow> {
  return new SurfaceStore(smv).change(surfaceId, `surfaces.${kind}`, (row) => {
    if (row === null) throw new SurfaceNotFoundError(surfaceId)
    assertUnsigned(row)
    const side = sideOf(row, by)
    const after = move(stateOf(row), { kind, by: side, at: now, ...(terms !== undefined && { terms }) })
    if (typeof after === 'string') throw refusal(after, surfaceId, row.status)
    const agreedBy = row.agreedBy ?? (side === 'other' ? by : undefined)
    return { row: rowOf({ ...row, ...(agreedBy !== undefined && { agreedBy }) }, after, row, now) }
  })
}

/** Until somebody has agreed, everyone but the proposer is the other party. */
function sideOf({ id, proposedBy, agreedBy }: SurfaceRow, party: string): SurfaceSide {
  assertName(party)
  if (party === proposedBy) return 'proposer'
  if (agreedBy === undefined || agreedBy === party) return 'other'
  throw refusal('SURFACE_PARTY', id)
}
