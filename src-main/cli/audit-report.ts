/** The audit chains of a workspace as lines: one for each client and one for the workspace itself. */
import { verifyAudit, type VaultAuditReport } from '@klum-db/lobby'
import { type NoydbApi, STATE_VAULT_NAME } from '@noy-db/hub'
import { registeredClients } from '../console/clients/names.ts'
import { openConsoleState } from '../console/state.ts'

export interface VaultLine {
  readonly vault: string
  readonly name: string
  readonly ok: boolean
  readonly entries: number
  readonly versionsChecked: number
  readonly problems: readonly { readonly seq: number; readonly kind: string; readonly message: string }[]
}

export async function checkVaults(db: NoydbApi): Promise<VaultLine[]> {
  const clients = await registeredClients(await openConsoleState(db, false))
  const names = new Map(clients.map(({ vaultId, name }) => [vaultId, name]))
  const reports = await verifyAudit(db, [...names.keys(), STATE_VAULT_NAME])
  return reports.map((found) => lineOf(found, names.get(found.vault) ?? 'The workspace itself'))
}

function lineOf({ vault, report, error }: VaultAuditReport, name: string): VaultLine {
  if (report !== null) {
    const { ok, entries, versionsChecked, problems } = report
    return { vault, name, ok, entries, versionsChecked, problems }
  }
  const problem = { seq: 0, kind: error?.code ?? 'INTERNAL', message: error?.message ?? 'It cannot be read.' }
  return { vault, name, ok: false, entries: 0, versionsChecked: 0, problems: [problem] }
}

export function auditLines(lines: readonly VaultLine[]): string[] {
  return lines.flatMap(({ name, vault, ok, entries, versionsChecked, problems }) => [
    `${ok ? 'ok    ' : 'BROKEN'}  ${name} (${vault}): ${entries} entries, ${versionsChecked} versions compared`,
    ...problems.map(({ seq, kind, message }) => `        entry ${seq}: ${kind}: ${message}`),
  ])
}
