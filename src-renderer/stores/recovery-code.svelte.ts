/** A recovery code that was just made: shown once, and good only when a group of it was typed back from the paper. */
import {
  codeGroups,
  formatRecoveryCode,
  isSameGroup,
  recoveryCodeBytes,
} from '../../src-shared/model/recovery-code.ts'

export class NewRecoveryCode {
  readonly code = formatRecoveryCode(crypto.getRandomValues(new Uint8Array(recoveryCodeBytes)))
  readonly groups = codeGroups(this.code)
  /** Place of the group that is asked for, from 0. */
  readonly asked = (crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) % this.groups.length
  typed = $state('')
  readonly confirmed = $derived(isSameGroup(this.typed, this.groups[this.asked] ?? ''))
}
