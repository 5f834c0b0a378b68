/** The engine's agreements of an unlocked workspace, by the console's clock. */
import {
  createLobby,
  type Identity,
  openSurfaces,
  ownIdentity,
  type StateManagementVault,
  type SurfaceGate,
  type SurfaceRow,
  type Surfaces,
  type SurfaceSide,
} from '@klum-db/lobby'
import type { Transaction, VaultApi } from '@noy-db/hub'
import { AppError } from '../app-error.ts'
import type { RuleBook } from '../rules.ts'
import type { Open } from '../session.ts'

export interface Books {
  readonly open: Open
  readonly state: StateManagementVault
  readonly surfaces: Surfaces
  readonly gate: SurfaceGate
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

export interface Desk extends Books {
  readonly identity: Identity
}

/** Where deliveries are taken: what comes is judged as in any import. */
export interface JudgingDesk extends Desk {
  readonly rules: RuleBook
}

/** Without an identity, which a workspace that is just being made gets a moment later. */
export async function booksOf(open: Open): Promise<Books> {
  const state = await createLobby(open.db).openStateManagementVault()
  const clock = (): number => Date.parse(open.now())
  return { open, state, surfaces: openSurfaces(state, { clock }), gate: { state, clock }, clock }
}

export async function deskOf(open: Open): Promise<Desk> {
  return { ...(await booksOf(open)), identity: await ownIdentity(open.db) }
}

export function ownSideOf({ identity }: Desk, { agreement }: SurfaceRow): SurfaceSide {
  return agreement?.parties?.proposer.publicKey === identity.publicKey ? 'proposer' : 'other'
}

function otherSideOf(side: SurfaceSide): SurfaceSide {
  return side === 'proposer' ? 'other' : 'proposer'
}

/** The other office, by the name it signs with. */
export function counterpartOf(desk: Desk, row: SurfaceRow): { party: string; publicKey: string | null } {
  const them = row.agreement?.parties?.[otherSideOf(ownSideOf(desk, row))]
  return { party: them?.party ?? row.proposedBy, publicKey: them?.publicKey ?? null }
}

/** Null while nobody has said which client it is about. */
export async function clientOf({ open }: Desk, id: string): Promise<string | null> {
  return (await open.state.agreements.get(id))?.vaultId ?? null
}

/**
 * The client an agreement is about, for the transaction of the act it was chosen with: neither is there without the other.
 * Empty where nobody chose one now.
 */
export async function withClient(
  { open }: Desk,
  id: string,
  vaultId: string | undefined,
): Promise<{ readonly alongside?: (tx: Transaction) => Promise<void> }> {
  if (vaultId === undefined) return {}
  await open.vault(vaultId) // known, or NOT_FOUND
  const { agreements, vault } = open.state
  const alongside = async (tx: Transaction): Promise<void> => {
    const known = await agreements.entry(id)
    const expectedVersion = known?.metadata.version ?? 0
    if (known?.record.vaultId !== vaultId)
      tx.put(vault, agreements.name, id, { ...known?.record, vaultId }, { expectedVersion })
  }
  return { alongside }
}

/** Folder that deliveries are put into when they are due, with their keys sealed; null = a person makes them. */
export async function setOutbox(desk: Desk, id: string, folder: string | null): Promise<void> {
  const vault = await vaultOf(desk, id)
  const row = { vaultId: vault.name, ...(folder !== null && { outbox: folder }) }
  await desk.open.state.agreements.put(id, row, { reason: 'agreements.setOutbox' })
}

/** @throws AppError BAD_INPUT where no client was chosen */
export async function vaultOf(desk: Desk, id: string): Promise<VaultApi> {
  const vaultId = await clientOf(desk, id)
  if (vaultId !== null) return desk.open.vault(vaultId)
  throw new AppError(
    'BAD_INPUT',
    'Nobody has said yet which client this agreement is about. Nothing was exchanged. Choose the client first.',
  )
}
