/** What a new workspace accepts as its passphrase. */
import { AppError } from './app-error.ts'

/**
 * Ten characters that are not one short piece repeated. Deliberately no rules about classes of characters: they make
 * people write "Password1!" and refuse four good words. The key derivation carries the rest.
 * @throws AppError WEAK_PASSPHRASE
 */
export function checkPassphrase(passphrase: string): void {
  const isLong = /^.{10}/su.test(passphrase)
  if (!isLong || /^(.{1,4})\1+$/su.test(passphrase)) throw new AppError('WEAK_PASSPHRASE')
}
