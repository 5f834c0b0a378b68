/** Which keys a rotation replaces: every one that somebody may have a copy of and should not have. */
import type { KeyringFile } from './keyring-file.ts'
import { holdingOf, type Holding, type Member } from './roster.ts'

export interface Affected {
  /** The vault key, and with it every data key. */
  readonly everything: boolean
  readonly collections: ReadonlySet<string>
  /** Keys of reserved collections, which every member holds. */
  readonly reserved: boolean
}

/** `staying` are the members who get new keys, by user id. */
export function affectedBy(
  members: ReadonlyMap<string, Member>,
  staying: ReadonlyMap<string, KeyringFile>,
): Affected {
  const collections = new Set<string>()
  let everything = false
  let reserved = false
  for (const [userId, { held }] of members) {
    const file = staying.get(userId)
    if (file === undefined) reserved = true
    const excess = beyond(held, file === undefined ? [] : holdingOf(file))
    if (excess === '*') everything = true
    else for (const collection of excess) collections.add(collection)
  }
  return { everything, collections, reserved }
}

export function isAffected({ everything, collections, reserved }: Affected, collection: string): boolean {
  return everything || collections.has(collection) || (reserved && collection.startsWith('_'))
}

function beyond(held: Holding, entitled: Holding): Holding {
  if (entitled === '*') return []
  if (held === '*') return '*'
  return held.filter((collection) => !entitled.includes(collection))
}
