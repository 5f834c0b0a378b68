/** The short key a client's vault id is made from. */

/** "Chevalier & Cie." -> "chevalier-cie": what the create dialog suggests. */
export function suggestKey(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const key = plain
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 48)
    .replace(/^-|-$/g, '')
  return key === '' ? 'client' : key
}

/** The same, with a number where the key is taken. */
export function freeKey(name: string, taken: ReadonlySet<string>): string {
  const key = suggestKey(name)
  let candidate = key
  for (let number = 2; taken.has(candidate); number++) candidate = `${key}-${number}`
  return candidate
}
