/** Under which key a stored row lies, and at which address its ciphertext is bound. */
import type { RowAddress } from '../crypto/row-codec.ts'
import { HISTORY } from '../history/history-id.ts'
import { OLD_KEYS } from './shared-keys.ts'

/** Stands for the vault key where else a collection is named. */
export const UNDER_VAULT_KEY = '/'
export const FROZEN = '_frozen_snapshots'

export interface RowPlace extends RowAddress {
  readonly keyCollection: string
}

/** In clear, or written anew by every rotation. */
const NOT_RESEALED = new Set([
  '_keyring',
  '_meta',
  '_tombstones',
  '_rotations',
  '_rotation_ops',
  '_deks',
  '_access',
])

/** Null for a row that is not sealed, or is kept as it was. */
export function placeOf(collection: string, id: string): RowPlace | null {
  if (!collection.startsWith('_')) return { collection, id, keyCollection: collection }
  if (NOT_RESEALED.has(collection)) return null
  if (collection === HISTORY) return placeInHistory(id)
  if (collection === OLD_KEYS) return { collection, id, keyCollection: UNDER_VAULT_KEY }
  if (collection === FROZEN)
    return id.includes('/') ? null : { collection, id, keyCollection: UNDER_VAULT_KEY }
  if (collection === '_schemas') return { collection, id, keyCollection: id }
  const slash = id.indexOf('/')
  return { collection, id, keyCollection: slash > 0 ? id.slice(0, slash) : collection }
}

/** `<collection>/<id>/<version>`: bound to where the record was written. */
function placeInHistory(historyId: string): RowPlace | null {
  const [first, last] = [historyId.indexOf('/'), historyId.lastIndexOf('/')]
  if (first <= 0 || last <= first) return null
  const collection = historyId.slice(0, first)
  return { collection, id: historyId.slice(first + 1, last), keyCollection: collection }
}
