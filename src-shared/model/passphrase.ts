/**
 * Ten characters that are not one short piece repeated. Deliberately no rules about classes of characters: they make
 * people write "Password1!" and refuse four good words. The key derivation carries the rest.
 */
export function isWeakPassphrase(passphrase: string): boolean {
  const isLong = /^.{10}/su.test(passphrase)
  return !isLong || /^(.{1,4})\1+$/su.test(passphrase)
}
