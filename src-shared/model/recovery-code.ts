/**
 * The recovery code on paper: 160 random bits and 20 bits that catch typing errors, in Crockford's base 32, nine
 * groups of four (`7H2K-…`). The check is the number modulo the largest prime below 2^20: every single wrong character
 * and every swap of two changes it.
 */

export const recoveryCodeBytes = 20
const groupLength = 4

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const prime = 1_048_573n
const checkBits = 20n
const length = 36

/** @param random 20 bytes of the system's generator. @throws RangeError for another number of bytes */
export function formatRecoveryCode(random: Uint8Array): string {
  if (random.length !== recoveryCodeBytes)
    throw new RangeError(`A recovery code has ${recoveryCodeBytes} bytes.`)
  const number = random.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  const digits = toDigits((number << checkBits) | (number % prime))
  return codeGroups(digits).join('-')
}

/** The 20 bytes of a typed code; null where it is mistyped. Case, spaces and hyphens do not matter, O is 0, I and L are 1. */
export function parseRecoveryCode(text: string): Uint8Array<ArrayBuffer> | null {
  const typed = plain(text)
  if (typed.length !== length) return null
  let number = 0n
  for (const digit of typed) {
    const value = alphabet.indexOf(digit)
    if (value < 0) return null
    number = (number << 5n) | BigInt(value)
  }
  const code = number >> checkBits
  return code % prime === number % (1n << checkBits) ? toBytes(code) : null
}

export function codeGroups(code: string): string[] {
  const digits = plain(code)
  return Array.from({ length: Math.ceil(digits.length / groupLength) }, (_, at) =>
    digits.slice(at * groupLength, (at + 1) * groupLength),
  )
}

/** Whether a typed group is this one, read as generously as a whole code. */
export function isSameGroup(typed: string, group: string): boolean {
  return plain(typed) === plain(group)
}

function plain(text: string): string {
  return text.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
}

function toDigits(number: bigint): string {
  return Array.from({ length }, (_, at) => {
    const shift = BigInt((length - 1 - at) * 5)
    return alphabet[Number((number >> shift) & 31n)]
  }).join('')
}

function toBytes(number: bigint): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: recoveryCodeBytes }, (_, at) =>
    Number((number >> BigInt((recoveryCodeBytes - 1 - at) * 8)) & 255n),
  )
}
