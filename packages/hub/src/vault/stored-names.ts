/** Which collections a vault holds rows in. */
import type { NoydbStore } from '../types/store.ts'

/** What the hub may write where the store cannot tell its reserved collections. */
const RESERVED = [
  '_meta',
  '_deks',
  '_old_deks',
  '_access',
  '_rotations',
  '_schemas',
  '_tombstones',
  '_history',
  '_audit',
  '_imports',
  '_conflicts',
  '_bases',
  '_frozen_snapshots',
]

/** In store order; reserved ones left out. */
export async function storedCollections(store: NoydbStore, vault: string): Promise<string[]> {
  const names =
    store.listCollections !== undefined
      ? await store.listCollections(vault)
      : Object.keys(await store.loadAll(vault))
  return names.filter((name) => !name.startsWith('_'))
}

/** Reserved collections other than the keyrings and unfinished transactions. */
export async function storedReserved(store: NoydbStore, vault: string): Promise<string[]> {
  const names = store.listCollections === undefined ? RESERVED : await store.listCollections(vault)
  return names.filter((name) => name.startsWith('_') && name !== '_keyring' && name !== '_tx')
}
