/**
 * Planning writes nothing, and a client that is to be made by the import does not exist yet: while planning, its vault
 * is an empty stand-in in memory. The plan it gives is the one for the real vault, which is as empty when it is made.
 */
import { createNoydb, type NoydbApi, type VaultApi } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { userId } from '../session.ts'

export async function planningDb(db: NoydbApi, absent: readonly string[]): Promise<NoydbApi> {
  if (absent.length === 0) return db
  const scratch = await createNoydb({ store: memory(), user: userId, encrypt: false })
  const openVault: NoydbApi['openVault'] = (name, options): Promise<VaultApi> =>
    absent.includes(name) ? scratch.openVault(name, { create: true }) : db.openVault(name, options)
  return new Proxy(db, {
    get(target, name) {
      if (name === 'openVault') return openVault
      const value: unknown = Reflect.get(target, name, target)
      // Its methods use private members, which only the instance itself has.
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
