/** Which rows say who may open a vault, and with which keys. */

/** In the order in which a copy holds them: before anything they open. */
export const ACCESS_COLLECTIONS: readonly string[] = [
  '_meta',
  '_keyring',
  '_access',
  '_rotations',
  '_old_deks',
  '_deks',
]

const names = new Set(ACCESS_COLLECTIONS)

/** Also the vault's handle and its marks of custody. They stay as they are when a copy is put back. */
export function isAccessRow(collection: string): boolean {
  return names.has(collection)
}
