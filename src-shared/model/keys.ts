/** What keys that travel apart from their bundle have to be. */

/** Shorter passphrases are guessed by whoever finds the file. */
export const keyPassphraseChars = 10

/** Clients whose keys somebody can still be asked to type. */
export const typedKeys = 16
