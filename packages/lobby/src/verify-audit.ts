/** Checks the audit chains of several vaults; a vault that cannot be read is reported, not thrown. */
import type { AuditReport, LongWork, NoydbApi } from '@noy-db/hub'
import { errorFacts } from './error-facts.ts'

export interface VaultAuditReport {
  readonly vault: string
  /** Null where the vault could not be checked; `error` says why. */
  readonly report: AuditReport | null
  readonly error?: { readonly code: string; readonly message: string }
}

export async function verifyAudit(
  db: NoydbApi,
  vaultNames: readonly string[],
  work?: LongWork,
): Promise<VaultAuditReport[]> {
  const reports: VaultAuditReport[] = []
  for (const [at, vault] of vaultNames.entries()) {
    work?.signal?.throwIfAborted()
    reports.push(await verifyVault(db, vault, work))
    work?.onProgress?.(at + 1, vaultNames.length)
  }
  return reports
}

async function verifyVault(db: NoydbApi, vault: string, work?: LongWork): Promise<VaultAuditReport> {
  try {
    const { audit } = await db.openVault(vault, { create: false })
    return { vault, report: await audit.verify(work?.signal === undefined ? {} : { signal: work.signal }) }
  } catch (error) {
    work?.signal?.throwIfAborted()
    return { vault, report: null, error: errorFacts(error) }
  }
}
