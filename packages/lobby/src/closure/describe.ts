/** What an extraction would take, per vault, without making anything. */
import { describeClosure } from '@noy-db/hub/bundle'
import { onlySignal } from '../pace.ts'
import type { CrossVaultPreview, WalkCrossVaultOptions } from './types.ts'
import { vaultsOf, walkCrossVaultClosure, type OpenVault } from './walk.ts'

/** What dangles is listed, not thrown. @throws what `walkCrossVaultClosure` throws */
export async function describeCrossVaultExtraction(
  openVault: OpenVault,
  options: WalkCrossVaultOptions,
): Promise<CrossVaultPreview> {
  const plan = await walkCrossVaultClosure(openVault, options)
  const compartments: CrossVaultPreview['compartments'] = []
  for (const [name, { vault, closure }] of vaultsOf(plan)) {
    compartments.push({ vault: name, preview: await describeClosure(vault, closure, onlySignal(options)) })
  }
  return { compartments, dangling: plan.dangling }
}
