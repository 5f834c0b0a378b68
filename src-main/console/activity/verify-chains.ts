/** Whether the chains that say who did what hold, the workspace's own among them. */
import { verifyAudit, type VaultAuditReport } from '@klum-db/lobby'
import type { VerifyRow } from '../../../src-shared/ipc/activity.ts'
import type { CallContext } from '../../../src-shared/ipc/define.ts'
import { registeredClients } from '../clients/names.ts'
import type { Open } from '../session.ts'

export async function verifyChains(
  open: Open,
  vault: string | undefined,
  context: CallContext,
): Promise<VerifyRow[]> {
  const clients = await registeredClients(open.state)
  const names = new Map(clients.map(({ vaultId, name }) => [vaultId, name]))
  const workspace = open.state.vault.name
  const all = vault === undefined ? [...names.keys(), workspace] : [vault]
  const work = { signal: context.signal, onProgress: context.progress }
  const reports = await verifyAudit(open.db, all, work)
  return reports.map((report) => verifyRow(report, names.get(report.vault) ?? 'The workspace itself'))
}

/** A vault that cannot be read at all is a problem of its chain too: nothing vouches for it. */
function verifyRow({ vault, report, error }: VaultAuditReport, vaultName: string): VerifyRow {
  if (report === null) {
    const problem = {
      seq: 0,
      kind: error?.code ?? 'INTERNAL',
      message: error?.message ?? 'It cannot be read.',
    }
    return { vault, vaultName, ok: false, entries: 0, versionsChecked: 0, problems: [problem] }
  }
  const { ok, entries, versionsChecked, problems } = report
  return { vault, vaultName, ok, entries, versionsChecked, problems: problems.map((one) => ({ ...one })) }
}
