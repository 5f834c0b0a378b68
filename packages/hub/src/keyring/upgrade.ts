/** A keyring of the first format, which was not signed, becomes one that can grant. */
import { newKey } from '../crypto/aead.ts'
import type { KeyObject } from 'node:crypto'
import type { TxOp } from '../types/store.ts'
import { writeTogether, type Access } from './access.ts'
import { keyringEnvelope, KEYRING, readKeyring } from './keyring-file.ts'
import { newKeyringFile, type Claims } from './new-file.ts'
import { memberOf, rosterOp } from './roster.ts'
import { authorityKeys } from './seal.ts'

/** False when there is nothing to do. @throws ConflictError when another session was first */
export async function upgradeKeyring({ core, keys }: Access, master: KeyObject): Promise<boolean> {
  const { authority: pinned, vaultKey, deks, vaultUlid } = keys.unlocked
  const own = await readKeyring(core.store, core.name, keys.userId)
  if (pinned !== null || vaultKey === null || own === null) return false
  const { file, version } = own
  const seeds = { owner: newKey(), admin: newKey() }
  const given = { vaultUlid, generation: 1, deks, vaultKey, authority: authorityKeys(seeds), seeds }
  const claims: Claims = {
    display_name: file.display_name,
    role: file.role,
    permissions: file.permissions,
    created_at: file.created_at,
    granted_by: file.granted_by,
  }
  const secret = { userId: keys.userId, master, salt: file }
  const upgraded = newKeyringFile(secret, claims, given, { by: 'owner', seed: seeds.owner })
  const ts = core.session.now()
  const place = { vault: core.name, codec: keys.codec, vaultKey, by: keys.userId, ts }
  const ops: TxOp[] = [
    {
      vault: core.name,
      collection: KEYRING,
      id: keys.userId,
      op: 'put',
      envelope: keyringEnvelope(upgraded, version + 1, ts),
      expectedVersion: version,
    },
    rosterOp(place, new Map([[keys.userId, memberOf(upgraded)]]), 0),
  ]
  await writeTogether(core, ops)
  return true
}
