/** Plain text leaves a vault only in formats that its owner allowed; the audit trail of the client says when. */
import { ExportCapabilityError, type VaultApi } from '@noy-db/hub'
import type { TableFormat } from '../../../src-shared/ipc/exports.ts'
import { type Open, userId } from '../session.ts'
import { tableFormats } from './tables.ts'

export function mayLeave(vault: VaultApi, format: string): boolean {
  return passes(() => {
    vault.assertCanExport('plaintext', format)
  })
}

/** What was allowed before stays so. */
export async function allowFormat(open: Open, vault: VaultApi, format: TableFormat): Promise<void> {
  if (mayLeave(vault, format)) return
  const plaintext = [...tableFormats.filter((known) => mayLeave(vault, known)), format]
  const bundle = passes(() => {
    vault.assertCanExport('bundle')
  })
  const exportCapability = { plaintext, ...(!bundle && { bundle }) }
  await open.db.setExportCapability(vault.name, { userId, exportCapability })
}

function passes(assertion: () => void): boolean {
  try {
    assertion()
    return true
  } catch (error) {
    if (error instanceof ExportCapabilityError) return false
    throw error
  }
}
