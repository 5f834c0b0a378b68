/** Changes of access: alone in the vault, with the caller's keyring as it is stored, again when others were faster. */
import { checkVaultName } from '../collection/check-name.ts'
import { ConflictError, ValidationError } from '../errors.ts'
import type { Access } from '../keyring/access.ts'
import { upgradeKeyring } from '../keyring/upgrade.ts'
import { rollForward } from '../transaction/intent.ts'
import { vaultLock } from '../transaction/mutex.ts'
import { VaultCore } from '../vault/vault-core.ts'
import { openKeys, unlockKeyringOf } from './open-keys.ts'
import type { Session } from './session.ts'

const ATTEMPTS = 10

/** The vault need not be open. @throws ValidationError with `encrypt: false`, NoAccessError without a keyring */
export async function withAccess<T>(
  session: Session,
  vault: string,
  work: (access: Access) => Promise<T>,
): Promise<T> {
  session.assertOpen()
  checkVaultName(vault)
  if (!session.encrypted)
    throw new ValidationError('Without encryption there are no keyrings: everybody is an owner already.')
  await openKeys(session, vault, false) // also finishes what a session that died had begun
  return vaultLock(session.store, vault).run(async () => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work(await currentAccess(session, vault))
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error
      }
    }
  })
}

async function currentAccess(session: Session, vault: string): Promise<Access> {
  session.assertOpen()
  const access = await freshAccess(session, vault)
  if (session.store.tx === undefined) await rollForward(access.core)
  const master = await session.master(access.keys.file)
  return (await upgradeKeyring(access, master)) ? freshAccess(session, vault) : access
}

async function freshAccess(session: Session, vault: string): Promise<Access> {
  const keys = await unlockKeyringOf(session, vault)
  return { core: new VaultCore(vault, session, keys), keys }
}
