/** For tests: cheap sessions, and a store with nothing but the six mandatory methods. */
import { memory } from '../memory.ts'
import type { GrantOptions, Role } from '../types/access.ts'
import type { NoydbStore } from '../types/store.ts'
import type { NoydbOptions } from '../types/vault.ts'
import { createNoydb } from './create-noydb.ts'
import type { Noydb } from './noydb.ts'

export const CHEAP_KDF = { memoryKiB: 8, passes: 1, parallelism: 1 }

export function session(store: NoydbStore, options: Partial<NoydbOptions> = {}): Promise<Noydb> {
  return createNoydb({ store, user: 'ann', secret: 'correct horse', kdf: CHEAP_KDF, ...options })
}

/** A grant whose passphrase is the secret that `session` uses. */
export function member(userId: string, role: Role, more: Partial<GrantOptions> = {}): GrantOptions {
  return { userId, displayName: userId, role, passphrase: 'correct horse', ...more }
}

/** Another user of a vault that ann owns. */
export async function grantTo(store: NoydbStore, vault: string, grant: GrantOptions): Promise<void> {
  const owner = await session(store)
  await owner.grant(vault, grant)
  owner.close()
}

export function bareStore(inner: NoydbStore = memory()): NoydbStore {
  return {
    name: 'bare',
    get: (vault, collection, id) => inner.get(vault, collection, id),
    put: (vault, collection, id, envelope, expected) => inner.put(vault, collection, id, envelope, expected),
    delete: (vault, collection, id) => inner.delete(vault, collection, id),
    list: (vault, collection) => inner.list(vault, collection),
    loadAll: (vault) => inner.loadAll(vault),
    saveAll: (vault, data) => inner.saveAll(vault, data),
  }
}

/** Everything in a store, to compare before and after. */
export async function contents(
  store: NoydbStore,
  vaults: readonly string[],
): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {}
  for (const vault of vaults) {
    for (const collection of (await store.listCollections?.(vault)) ?? []) {
      for (const id of await store.list(vault, collection)) {
        all[`${vault}/${collection}/${id}`] = await store.get(vault, collection, id)
      }
    }
  }
  return all
}
