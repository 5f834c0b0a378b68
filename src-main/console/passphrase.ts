/** What a workspace accepts as its passphrase. */
import { isWeakPassphrase } from '../../src-shared/model/passphrase.ts'
import { AppError } from './app-error.ts'

/** @throws AppError WEAK_PASSPHRASE */
export function checkPassphrase(passphrase: string): void {
  if (isWeakPassphrase(passphrase)) throw new AppError('WEAK_PASSPHRASE')
}
