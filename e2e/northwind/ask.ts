/** Questions about a closed workspace file, answered in a process of its own: the runner's loader is not the product's. */
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import type { StoredContents, StoredRows } from './stored.ts'

const root = resolve(import.meta.dirname, '../..')
const node24 = resolve(root, 'node_modules/node/bin/node')
const maxBuffer = 256 * 1024 * 1024

/** The passphrase of the firm and of its bookkeeper. */
export const passphrase = 'month end at northwind'

async function runNode(args: string[]): Promise<string> {
  const env = { ...process.env, LOBBY_PASSPHRASE: passphrase }
  const { stdout } = await promisify(execFile)(node24, args, { cwd: root, env, maxBuffer })
  return stdout
}

export async function storedRows(file: string): Promise<StoredRows> {
  return JSON.parse(await runNode(['e2e/northwind/stored.ts', 'rows', file])) as StoredRows
}

export async function storedContents(file: string): Promise<StoredContents> {
  return JSON.parse(await runNode(['e2e/northwind/stored.ts', 'contents', file])) as StoredContents
}

export interface AuditReport {
  readonly ok: boolean
  readonly vaults: readonly { readonly ok: boolean; readonly name: string; readonly entries: number }[]
}

/** The product's own command; it ends with another code, and so throws here, when a chain does not hold. */
export async function verifyAudit(file: string): Promise<AuditReport> {
  const output = await runNode(['src-main/cli/verify-audit.ts', '--workspace', file, '--json'])
  return JSON.parse(output) as AuditReport
}
