/** A plan as vaults of a signed export: `exportBundle` then makes the container tamper-evident, and remembers what was sent. */
import type { ExportVault } from '../exchange/pack-vault.ts'
import { CrossVaultDanglingRefError } from './error.ts'
import type { CompartmentMeta, CrossVaultClosurePlan } from './types.ts'
import { vaultsOf } from './walk.ts'

/**
 * Exactly the records of the plan, as they were read when it was made; nothing is disclosed unless asked for.
 * @throws CrossVaultDanglingRefError, ValidationError for a copy of a plan
 */
export function exportsOfPlan(
  plan: CrossVaultClosurePlan,
  compartmentMeta: Readonly<Record<string, CompartmentMeta>> = {},
): ExportVault[] {
  const vaults = vaultsOf(plan)
  if (plan.dangling.length > 0) throw new CrossVaultDanglingRefError(plan.dangling)
  return [...vaults].map(([vault, walked]) => {
    const meta = Object.hasOwn(compartmentMeta, vault) ? compartmentMeta[vault] : undefined
    const name = meta?.disclose?.name ?? false
    return {
      vault,
      walked,
      name: name === true ? vault : name,
      discloseCollections: meta?.disclose?.collections === true,
      ...(meta?.roleTag !== undefined && { roleTag: meta.roleTag }),
    }
  })
}
