/** Somebody whose access is to be changed: the stored file, and the role to judge them by. */
import { loadDeedMarker } from '../custody/deed-marker.ts'
import { KeyringCorruptError } from '../errors.ts'
import type { Role } from '../types/access.ts'
import type { Manager } from './access.ts'
import { KEYRING, parseKeyringFile, type KeyringFile } from './keyring-file.ts'

export interface Target {
  readonly userId: string
  /** Null when it is damaged. */
  readonly file: KeyringFile | null
  /** Of the stored row; 0 = none. */
  readonly version: number
  /** Null for somebody who has no keyring. */
  readonly role: Role | null
}

export async function readTarget(manager: Manager, userId: string): Promise<Target> {
  const { store, name } = manager.core
  const envelope = await store.get(name, KEYRING, userId)
  if (envelope === null) return { userId, file: null, version: 0, role: null }
  const file = parseOrNull(() => parseKeyringFile(envelope))
  return { userId, file, version: envelope._v, role: await standing(manager, userId, file) }
}

/**
 * The roster's word, which a store writer cannot change. It does not know the owner by deed; and a file that is
 * nobody's by grant is judged by what it says itself, except by an owner, who may always clear it away.
 */
async function standing(manager: Manager, userId: string, file: KeyringFile | null): Promise<Role> {
  const { roster, core, keys } = manager
  const member = roster.members.get(userId)
  if (member !== undefined && member.seal !== null) return member.role
  const deed = await loadDeedMarker(core.store, core.name)
  if (deed?.ownerUserId === userId) return 'owner'
  return keys.role === 'owner' ? 'client' : (file?.role ?? 'owner')
}

export function parseOrNull(parse: () => KeyringFile): KeyringFile | null {
  try {
    return parse()
  } catch (error) {
    if (error instanceof KeyringCorruptError) return null
    throw error
  }
}
