/** A rough guess at how long a passphrase would hold; the console itself decides what is too weak. */
export interface Strength {
  /** 0 nothing typed, 1 too weak … 4 strong. */
  readonly level: 0 | 1 | 2 | 3 | 4
  readonly words: string
}

const common = /(passw|qwert|asdf|letmein|welcome|admin|secret|12345|abcd|iloveyou|monkey|dragon)/i

/** Bits of guessing work: the alphabet used, less for repeats, runs and well-known pieces. */
function guessBits(text: string): number {
  const alphabet =
    (/[a-z]/.test(text) ? 26 : 0) +
    (/[A-Z]/.test(text) ? 26 : 0) +
    (/\d/.test(text) ? 10 : 0) +
    (/[^a-zA-Z\d]/.test(text) ? 24 : 0)
  const distinct = new Set(text.toLowerCase()).size
  const effective = Math.min(text.length, distinct * 2)
  const bits = effective * Math.log2(Math.max(2, alphabet))
  // Words are guessed as words, about twelve bits each and a little for what joins them.
  const words = text.split(/[^\p{L}]+/u).filter((word) => word.length > 2).length
  const asWords = words >= 2 ? words * 14 + 6 : bits
  return Math.min(bits, Math.max(asWords, 8)) - (common.test(text) ? 28 : 0)
}

export function measurePassphrase(text: string): Strength {
  if (text === '') return { level: 0, words: 'Nothing typed yet.' }
  const bits = guessBits(text)
  if (text.length < 8 || bits < 34)
    return { level: 1, words: 'Too easy to guess. Four unrelated words work well.' }
  if (bits < 48) return { level: 2, words: 'Fair. One more word makes it much harder to guess.' }
  return bits < 62 ? { level: 3, words: 'Good.' } : { level: 4, words: 'Strong.' }
}
