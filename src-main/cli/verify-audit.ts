/**
 * Checks the audit chains of a workspace from the command line, on Node 24:
 *   node src-main/cli/verify-audit.ts --workspace <file> [--json]
 * The passphrase comes from LOBBY_PASSPHRASE or is asked for. Exit code 0: every chain holds; 1: some do not;
 * 2: it could not be checked. No record is written.
 */
import { createNoydb } from '@noy-db/hub'
import { sqliteStore } from '@noy-db/to-sqlite'
import { parseArgs } from 'node:util'
import { toAppError } from '../console/app-error.ts'
import { openLock } from '../console/locks/locks.ts'
import { userId } from '../console/session.ts'
import { askPassphrase } from './ask-passphrase.ts'
import { auditLines, checkVaults, type VaultLine } from './audit-report.ts'

const usage = 'Usage: verify-audit --workspace <file> [--json]'

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { workspace: { type: 'string' }, json: { type: 'boolean' } } })
  if (values.workspace === undefined) throw new TypeError(usage)
  const passphrase = process.env['LOBBY_PASSPHRASE'] ?? (await askPassphrase('Passphrase: '))
  const lines = await checkWorkspace(values.workspace, passphrase)
  const ok = lines.every((line) => line.ok)
  process.stdout.write(
    values.json === true
      ? `${JSON.stringify({ ok, vaults: lines }, null, 2)}\n`
      : `${auditLines(lines).join('\n')}\n`,
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
