/** Offices that exchange bundles, through the console's own services, as a scenario needs them. */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { CallContext } from '../../src-shared/ipc/define.ts'
import type { Strategy } from '../../src-shared/ipc/common.ts'
import { createConsole, type Console } from '../../src-main/console/console.ts'

const resourcesDir = path.resolve(import.meta.dirname, '../../resources')

export interface BundleFiles {
  readonly bundle: string
  readonly keys: string
}

export function callContext(): CallContext {
  return { jobId: 'build', signal: new AbortController().signal, progress: () => undefined }
}

/** A console on a workspace file, locked or not there yet. */
export function openOffice(file: string): Console {
  return createConsole({ file, host: 'loopback', resourcesDir, emit: () => undefined })
}

export interface NewOffice {
  readonly file: string
  readonly firmName: string
  readonly userName: string
  readonly passphrase: string
}

export async function makeOffice({ file, ...wanted }: NewOffice): Promise<Console> {
  const made = openOffice(file)
  await made.workspace.create({ ...wanted, demo: false }, () => undefined)
  return made
}

/** Writes `<stem>.noydb` and `<stem>.keys.json`. */
export async function exportFiles(
  from: Console,
  party: string,
  vaults: string[],
  stem: string,
): Promise<BundleFiles> {
  const made = await from.exports.create({ party, vaults }, callContext())
  const files = { bundle: `${stem}.noydb`, keys: `${stem}.keys.json` }
  await writeFile(files.bundle, (await from.files.read(made.bundle.handle)).bytes)
  await writeFile(files.keys, (await from.files.read(made.keys.handle)).bytes)
  return files
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
