/** Applies a held plan: makes the clients it needs, imports, and remembers where each compartment went. */
import { applyImport, type ImportDecisions, type ImportReceipt } from '@klum-db/lobby'
import type { CallContext } from '../../../src-shared/ipc/define.ts'
import { createClient, unregisterClient } from '../clients/create-client.ts'
import type { Open } from '../session.ts'
import type { HeldPlan } from './plan-store.ts'

const command = 'imports.apply'

/** A failed import leaves no client behind; what stays is an empty vault without a name, taken up by the next try. */
export async function applyPlan(
  open: Open,
  { plan, pending }: HeldPlan,
  decisions: ImportDecisions,
  context: CallContext,
): Promise<ImportReceipt> {
  const made: string[] = []
  try {
    for (const client of pending) made.push(await createClient(open, client, command))
    const work = { signal: context.signal, onProgress: context.progress }
    const receipt = await applyImport(open.db, plan, decisions, work)
    await rememberRoutes(open, plan.perVault)
    return receipt
  } catch (error) {
    // Not while locked: then nothing can be written, and the names are taken back at the next unlock by hand.
    if (!open.db.isClosed) for (const vaultId of made) await unregisterClient(open, vaultId, command)
    throw error
  }
}

async function rememberRoutes({ db, state }: Open, perVault: HeldPlan['plan']['perVault']): Promise<void> {
  await db.transaction(
    (tx) => {
      for (const { handle, vault } of perVault)
        tx.put(state.vault, state.routes.name, handle, { vaultId: vault })
    },
    { command },
  )
}
