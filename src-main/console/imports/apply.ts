/** Applies a held plan; the clients it makes and where each compartment went are part of the same transaction. */
import {
  applyImport,
  partyOfProfile,
  putProfile,
  type ImportDecisions,
  type ImportReceipt,
} from '@klum-db/lobby'
import type { Transaction } from '@noy-db/hub'
import type { CallContext } from '../../../src-shared/ipc/define.ts'
import { clientMade, prepareClient, registerClient } from '../clients/create-client.ts'
import type { Open } from '../session.ts'
import type { HeldPlan } from './plan-store.ts'
import { rememberStrictness } from './strictness.ts'

export async function applyPlan(
  open: Open,
  held: HeldPlan,
  decisions: ImportDecisions,
  context: CallContext,
): Promise<ImportReceipt> {
  const receipt = await applyImport(open.db, held.plan, decisions, {
    signal: context.signal,
    onProgress: context.progress,
    prepare: async () => {
      for (const client of held.pending) await prepareClient(open, client)
    },
    alongside: (tx) => {
      for (const client of held.pending) registerClient(tx, open, client)
      rememberRoutes(tx, open, held)
      rememberStrictness(tx, open, held)
      if (held.profile !== undefined) putProfile(tx, open.state.vault, held.profile)
    },
  })
  for (const client of held.pending) clientMade(open, client)
  return receipt
}

function rememberRoutes(tx: Transaction, { state }: Open, { plan, profile }: HeldPlan): void {
  for (const { handle, vault } of plan.perVault) {
    const from = profile === undefined ? handle : partyOfProfile(profile)
    tx.put(state.vault, state.routes.name, from, { vaultId: vault })
  }
}
