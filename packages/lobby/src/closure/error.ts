import { LobbyError } from '../errors.ts'
import type { VaultRecordRef } from './types.ts'

/** Records refer into another vault to records that are not there. */
export class CrossVaultDanglingRefError extends LobbyError {
  readonly dangling: VaultRecordRef[]

  constructor(dangling: VaultRecordRef[]) {
    const shown = dangling.slice(0, 5).map(({ vault, collection, id }) => `${vault}/${collection}/${id}`)
    const more = dangling.length > shown.length ? ' and others' : ''
    super(
      'CROSS_VAULT_DANGLING',
      `Referred to but not there: ${shown.join(', ')}${more}. Nothing was extracted.`,
    )
    this.dangling = dangling
  }
}
