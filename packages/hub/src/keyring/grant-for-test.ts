/** For tests: a second user's keyring, as a grant by the owner would write it. */
import { deriveCanaryKey, deriveVaultKek } from '../crypto/derive.ts'
import { deriveMaster, newSaltRow } from '../crypto/kdf.ts'
import { CHEAP_KDF } from '../noydb/test-session.ts'
import type { NoydbStore } from '../types/store.ts'
import type { Permissions, Role } from '../types/vault.ts'
import { keyringEnvelope, parseKeyringFile } from './keyring-file.ts'
import { readsEverything } from './roles.ts'
import { openCanary, sealCanary, unwrapKey, VAULT_KEY_PURPOSE, wrapKey } from './wrap.ts'

interface TestGrant {
  readonly userId: string
  readonly role: Role
  readonly permissions?: Permissions
}

const SECRET = 'correct horse'

export async function grantForTest(store: NoydbStore, vault: string, grant: TestGrant): Promise<void> {
  const envelope = await store.get(vault, '_keyring', 'ann')
  if (envelope === null) throw new Error('ann has no keyring')
  const owner = parseKeyringFile(envelope)
  const ownerMaster = await deriveMaster(SECRET, owner)
  const canary = openCanary(deriveCanaryKey(ownerMaster, owner.salt), 'ann', owner.canary)
  const ulid = canary.vault_ulid
  const salt = newSaltRow(CHEAP_KDF)
  const master = await deriveMaster(SECRET, salt)
  const [from, to] = [deriveVaultKek(ownerMaster, ulid), deriveVaultKek(master, ulid)]
  const rewrap = (purpose: string, wrapped: string): string =>
    wrapKey(to, ulid, purpose, unwrapKey(from, ulid, purpose, wrapped))
  const full = readsEverything(grant.role)
  const granted = Object.entries(owner.deks).filter(
    ([name]) => full || name.startsWith('_') || Object.hasOwn(grant.permissions ?? {}, name),
  )
  const { vault_key: ownerVaultKey, ...rest } = owner
  const file = {
    ...rest,
    ...salt,
    user_id: grant.userId,
    role: grant.role,
    permissions: grant.permissions ?? {},
    deks: Object.fromEntries(granted.map(([name, wrapped]) => [name, rewrap(name, wrapped)])),
    ...(full && ownerVaultKey !== undefined && { vault_key: rewrap(VAULT_KEY_PURPOSE, ownerVaultKey) }),
    canary: sealCanary(deriveCanaryKey(master, salt.salt), grant.userId, canary),
    granted_by: 'ann',
  }
  await store.put(vault, '_keyring', grant.userId, keyringEnvelope(file, 1, new Date().toISOString()))
}
