/**
 * Checks the audit chains of a workspace from the command line, on Node 24:
 *   node src-main/cli/verify-audit.ts --workspace <file> [--json]
 * The passphrase comes from LOBBY_PASSPHRASE or is asked for. Exit code 0: every chain holds; 1: some do not;
 * 2: it could not be checked. No record is written.
 */
import { verifyAudit, type VaultAuditReport } from '@klum-db/lobby'
import { createNoydb, type NoydbApi, STATE_VAULT_NAME } from '@noy-db/hub'
import { sqliteStore } from '@noy-db/to-sqlite'
import { parseArgs } from 'node:util'
import { toAppError } from '../console/app-error.ts'
import { registeredClients } from '../console/clients/names.ts'
import { openLock } from '../console/locks/locks.ts'
import { userId } from '../console/session.ts'
import { openConsoleState } from '../console/state.ts'
import { askPassphrase } from './ask-passphrase.ts'

interface VaultLine {
  readonly vault: string
  readonly name: string
  readonly ok: boolean
  readonly entries: number
  readonly versionsChecked: number
  readonly problems: readonly { readonly seq: number; readonly kind: string; readonly message: string }[]
}

const usage = 'Usage: verify-audit --workspace <file> [--json]'

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { workspace: { type: 'string' }, json: { type: 'boolean' } } })
  if (values.workspace === undefined) throw new TypeError(usage)
  const passphrase = process.env['LOBBY_PASSPHRASE'] ?? (await askPassphrase('Passphrase: '))
  const lines = await checkWorkspace(values.workspace, passphrase)
  const ok = lines.every((line) => line.ok)
  process.stdout.write(
    values.json === true ? `${JSON.stringify({ ok, vaults: lines }, null, 2)}\n` : report(lines),
  )
  return ok ? 0 : 1
}

async function checkWorkspace(file: string, passphrase: string): Promise<VaultLine[]> {
  const store = await sqliteStore({ file, create: false, owner: 'verify-audit' })
  try {
    const secret = await openLock(store, passphrase)
    const db = await createNoydb({ store, user: userId, secret, history: true, audit: true })
    try {
      return await checkVaults(db)
    } finally {
      db.close()
    }
  } finally {
    await store.close()
  }
}

async function checkVaults(db: NoydbApi): Promise<VaultLine[]> {
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

function report(lines: readonly VaultLine[]): string {
  const texts = lines.flatMap(({ name, vault, ok, entries, versionsChecked, problems }) => [
    `${ok ? 'ok    ' : 'BROKEN'}  ${name} (${vault}): ${entries} entries, ${versionsChecked} versions compared`,
    ...problems.map(({ seq, kind, message }) => `        entry ${seq}: ${kind}: ${message}`),
  ])
  return `${texts.join('\n')}\n`
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    const known = toAppError(error)
    const unforeseen = known.code === 'INTERNAL' && error instanceof Error
    process.stderr.write(`${unforeseen ? error.message : known.message}\n`)
    process.exitCode = 2
  },
)
