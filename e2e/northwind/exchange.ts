/** Imports a bundle through the console's services, as the wizard does. */
import type { CallContext } from '../../src-shared/ipc/define.ts'
import type { Strategy } from '../../src-shared/ipc/common.ts'
import type { Console } from '../../src-main/console/console.ts'

export interface BundleFiles {
  readonly bundle: string
  readonly keys: string
}

export function callContext(): CallContext {
  return { jobId: 'build', signal: new AbortController().signal, progress: () => undefined }
}

/** Every compartment goes to the client it belongs to, or to a new one of its name. */
export async function importFiles(into: Console, files: BundleFiles, strategy: Strategy) {
  const bundle = await into.files.register(files.bundle, 'bundle')
  const keys = await into.files.register(files.keys, 'keys')
  const header = await into.imports.inspect(bundle.handle)
  const plan = await into.imports.plan(
    {
      bundle: bundle.handle,
      keys: { handle: keys.handle },
      into: header.compartments.map(({ handle, name, suggestedVaultId }) => ({
        handle,
        strategy,
        ...(suggestedVaultId === null ? { newClientName: name ?? handle } : { vaultId: suggestedVaultId }),
      })),
    },
    callContext(),
  )
  return into.imports.apply({ planId: plan.planId, exclude: [] }, callContext())
}
