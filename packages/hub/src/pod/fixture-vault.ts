/** A small office's vault with cheap key derivation, for the tests beside it. */
import { memory } from '../memory.ts'
import { createNoydb } from '../noydb/create-noydb.ts'
import type { NoydbStore, VaultSnapshot } from '../types/store.ts'
import { readNoydbBundle } from './read-bundle.ts'
import type { Vault } from '../vault/vault.ts'

export interface FixtureVault {
  readonly vault: Vault
  readonly store: NoydbStore
}

export async function openFixtureVault(
  options: { name?: string; user?: string; encrypt?: boolean; store?: NoydbStore } = {},
): Promise<FixtureVault> {
  const { name = 'office', user = 'anna', encrypt = true, store = memory() } = options
  const kdf = { memoryKiB: 8, passes: 1, parallelism: 1 }
  const noydb = await createNoydb({ store, user, secret: 'x', encrypt, kdf })
  return { vault: await noydb.openVault(name), store }
}

export async function fillFixtureVault(vault: Vault): Promise<void> {
  const clients = vault.collection('clients')
  const invoices = vault.collection('invoices', {
    refs: { clientId: { target: 'clients', mode: 'strict' }, itemId: { target: 'items', mode: 'warn' } },
    provenance: true,
  })
  await clients.put('c1', { id: 'c1', name: 'Rossi', note: 'secret-note' })
  await clients.put('c2', { id: 'c2', name: 'Bianchi' })
  const source = { source: 'studio/rossi', sourceTs: '2024-12-31T00:00:00.000Z' }
  await invoices.put('i/1 🧾', { id: 'i/1 🧾', clientId: 'c1', itemId: 'gone', net: 1 })
  await invoices.put('i/1 🧾', { id: 'i/1 🧾', clientId: 'c1', itemId: 'gone', net: 1200 }, source)
  await invoices.put('i2', { id: 'i2', clientId: 'c2', net: 7 })
}

export const CLIENT_ONE = { seeds: { clients: (record: Record<string, unknown>) => record['id'] === 'c1' } }

export interface Dump {
  readonly collections: VaultSnapshot
  readonly _internal: VaultSnapshot
}

export const parseDump = (text: string): Dump => JSON.parse(text) as Dump // as the writers under test make it

/** The wrapper of an extracted partition, and the dump inside. */
export async function readExtracted(bytes: Uint8Array): Promise<{ members: string[]; dump: Dump }> {
  const wrapper = JSON.parse((await readNoydbBundle(bytes)).dumpJson) as { dump: string } // as above
  return { members: Object.keys(wrapper), dump: parseDump(wrapper.dump) }
}
