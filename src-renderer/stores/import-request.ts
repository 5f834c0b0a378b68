/** The check of an import as it is asked for: of a bundle with its keys, or of a file of another program with its mapping. */
import type { BundleView, PlanView } from '../../src-shared/ipc/imports.ts'
import { call, type CallOptions } from '../lib/api.ts'
import type { ForeignImport } from './foreign-import.ts'
import { toInto, type Target } from './import-targets.ts'

export type Keys = { readonly handle: string; readonly passphrase?: string } | { readonly text: string }

/** With these the person gives the key once more. */
export const keyFailures = [
  'KEY_INVALID',
  'KEY_MISTYPED',
  'KEY_PASSPHRASE_WRONG',
  'KEY_FOR_OTHERS',
  'KEY_OF_OTHER_BUNDLE',
  'KEY_WRONG',
] as const

interface Chosen {
  readonly bundle: BundleView | undefined
  readonly foreign: ForeignImport | undefined
  readonly targets: readonly Target[]
}

/** Undefined while something is missing. */
export function planRequest(
  { bundle, foreign, targets }: Chosen,
  keys: Keys | undefined,
): ((options: CallOptions) => Promise<PlanView>) | undefined {
  const [first] = toInto(targets)
  if (foreign && first) {
    const { handle: _handle, ...into } = first
    const input = { file: foreign.file.file.handle, mapping: foreign.mapping.mapping(), ...into }
    return (options) => call('foreign.plan', input, options)
  }
  if (!bundle || !keys) return undefined
  const input = { bundle: bundle.file.handle, keys, into: toInto(targets) }
  return (options) => call('imports.plan', input, options)
}

/** The one place a file of another program goes to; its handle is known once there is a plan. */
export function foreignTarget(vaultId: string | null): Target {
  return { handle: '', choice: vaultId ?? '', newName: '', strategy: 'three-way' }
}

/** The existing client it goes to. */
export function clientOf([target]: readonly Target[]): string | undefined {
  return target === undefined || target.choice === '' || target.choice === 'new' ? undefined : target.choice
}

/** A plan names its parts by handle. */
export function ofPlan(targets: readonly Target[], { perVault }: PlanView): Target[] {
  return targets.map((target) => ({ ...target, handle: perVault[0]?.handle ?? target.handle }))
}
