/** What belongs to chosen records, in their vault and in others, as one workbook. */
import type { LongWork, NoydbApi, VaultApi } from '@noy-db/hub'
import type { CrossVaultRef, CrossVaultSeed } from '../../closure/types.ts'
import { walkCrossVaultClosure } from '../../closure/walk.ts'
import { onlySignal } from '../../pace.ts'
import { toBytesMultiVault } from './multi-vault.ts'
import type { AsXlsxSheetOptions, MultiVaultXlsxEntry, MultiVaultXlsxOptions } from './types.ts'

export interface ExportMultiVaultXlsxOptions extends MultiVaultXlsxOptions {
  /** Where the choice begins, and which of its records by collection. */
  readonly primary: CrossVaultSeed
  readonly crossVaultRefs?: readonly CrossVaultRef[]
  /** By vault name, in the order of the sheets. */
  readonly sheets: Readonly<Record<string, readonly AsXlsxSheetOptions[]>>
  readonly maxDepth?: number
  /** Declares collections and references on each vault that is opened; the walk follows them. */
  readonly declare?: (vault: VaultApi) => void
}

/**
 * Records outside the closure do not leave, whatever the sheets name; references that lead nowhere are ignored. No vault is made.
 * @throws NoAccessError for a vault that is not there; ExportCapabilityError before any record is read; ValidationError; LobbyError EXPORT_LIMIT
 */
export async function exportMultiVaultXlsx(
  db: NoydbApi,
  options: ExportMultiVaultXlsxOptions,
  work?: LongWork,
): Promise<Uint8Array> {
  const open = async (name: string): Promise<VaultApi> => {
    const vault = await db.openVault(name, { create: false })
    options.declare?.(vault)
    return vault
  }
  const wanted = Object.entries(options.sheets)
  const vaults = await Promise.all(wanted.map(([name]) => open(name)))
  for (const vault of vaults) vault.assertCanExport('plaintext', 'xlsx')
  const { primary: seed, crossVaultRefs = [], maxDepth } = options
  const walk = { seed, crossVaultRefs, ...(maxDepth !== undefined && { maxDepth }), ...onlySignal(work) }
  const { perVaultClosure } = await walkCrossVaultClosure(open, walk)
  const entries = vaults.map((vault, at): MultiVaultXlsxEntry => {
    const closure = perVaultClosure.get(vault.name) ?? new Map<string, Set<string>>()
    return { vault, sheets: wanted[at]?.[1] ?? [], label: vault.name, closure }
  })
  return toBytesMultiVault(entries, options, work)
}
