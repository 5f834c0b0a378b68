/** The salt of each user, once per store (decisions.md 7): row `_salts/<userId>` of a reserved vault. */
import { newSaltRow, parseSaltRow, type SaltRow } from '../crypto/kdf.ts'
import { ConflictError } from '../errors.ts'
import { keyringLock } from '../transaction/mutex.ts'
import { writeRows } from '../transaction/store-write.ts'
import type { NoydbStore } from '../types/store.ts'
import type { KdfParameters } from '../types/vault.ts'

/** Holds no records; opened by nobody. */
export const USERS_VAULT_NAME = '__noydb_users__'
const SALTS = '_salts'

/** @throws ValidationError when the row holds no salt */
export async function readSalt(store: NoydbStore, userId: string): Promise<SaltRow | null> {
  const row = await store.get(USERS_VAULT_NAME, SALTS, userId)
  if (row === null) return null
  return parseSaltRow(JSON.parse(row._data) as Record<string, unknown>) // checked by parseSaltRow
}

/** The stored salt, or a new one; of two that ask at once, both get the same. */
export function ensureSalt(
  store: NoydbStore,
  userId: string,
  kdf: KdfParameters,
  ts: string,
): Promise<SaltRow> {
  return keyringLock(store, USERS_VAULT_NAME).run(async () => {
    const stored = await readSalt(store, userId)
    if (stored !== null) return stored
    const row = parseSaltRow(newSaltRow(kdf))
    const envelope = { _noydb: 1, _v: 1, _ts: ts, _iv: '', _data: JSON.stringify(row) } as const
    try {
      const address = { vault: USERS_VAULT_NAME, collection: SALTS, id: userId }
      await writeRows(store, [{ ...address, op: 'put', envelope, expectedVersion: 0 }])
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error
    }
    return (await readSalt(store, userId)) ?? row // another process may have been first
  })
}
