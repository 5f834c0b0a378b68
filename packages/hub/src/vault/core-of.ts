/** From the vault a caller holds to its inside, for transactions and for the hub's own modules. */
import { ValidationError } from '../errors.ts'
import type { VaultApi } from '../types/vault.ts'
import type { VaultCore } from './vault-core.ts'

const cores = new WeakMap<VaultApi, VaultCore>()

export function registerCore(vault: VaultApi, core: VaultCore): void {
  cores.set(vault, core)
}

/** @throws ValidationError for anything but a vault opened by this hub */
export function coreOf(vault: VaultApi): VaultCore {
  const core = cores.get(vault)
  if (core === undefined) throw new ValidationError('That is not an open vault.')
  return core
}
