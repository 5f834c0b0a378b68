/** The gate of whoever works in this workspace. */
import { ownIdentity } from '../identity/own-identity.ts'
import type { Noydb } from '@noy-db/hub/kernel'
import { StateManagementVault } from '../federation/registry/state-management-vault.ts'
import type { SurfaceGate } from './gate.ts'
import { SurfaceStore } from './surface-store.ts'

/** Names in an agreement without signatures are free text: the direction is judged where one of them is ours. */
export async function ownGate(db: Noydb, surfaceId: string): Promise<SurfaceGate> {
  const state = await StateManagementVault.open(db)
  const { proposedBy, agreedBy } = await new SurfaceStore(state).get(surfaceId)
  const { party } = await ownIdentity(db)
  return party === proposedBy || party === agreedBy ? { state, party } : { state }
}
