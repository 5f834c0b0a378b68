import { describe, expect, it } from 'vitest'
import {
  ReservedVaultNameError,
  STATE_VAULT_NAME,
  ValidationError,
  VaultTemplateNotFoundError,
} from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { books, openDb, openFirm } from './federation/fixture-firm.ts'
import { createLobby, type Lobby } from './lobby.ts'

async function lobbyOver(store = memory()): Promise<Lobby> {
  const lobby = createLobby(await openDb(store))
  lobby.withVaultTemplate('books', books)
  return lobby
}

const sharding = { keyOf: () => 'k', vaultTemplate: 'books' }

describe('openVaultGroup', () => {
  it('refuses in a fixed order, and leaves nothing behind', async () => {
    const store = memory()
    const lobby = await lobbyOver(store)
    const unknown = { sharding: { ...sharding, vaultTemplate: 'none' } }
    await expect(lobby.openVaultGroup(STATE_VAULT_NAME, unknown)).rejects.toThrow(ReservedVaultNameError)
    await expect(lobby.openVaultGroup('a--b', unknown)).rejects.toThrow(VaultTemplateNotFoundError)
    for (const name of ['a--b', 'a-', '', 'a/b']) {
      await expect(lobby.openVaultGroup(name, { sharding })).rejects.toThrow(ValidationError)
    }
    expect(await store.listVaults()).toEqual([])
    lobby.noydb.close()
    await expect(lobby.openVaultGroup(STATE_VAULT_NAME, unknown)).rejects.toThrow('Instance is closed')
    await expect(lobby.openStateManagementVault()).rejects.toThrow('Instance is closed')
  })

  it('records the manifest once and logs the opening', async () => {
    const { lobby, db } = await openFirm()
    const state = await lobby.openStateManagementVault()
    expect(
      state
        .queryEvents()
        .toArray()
        .map(({ type, group, actor }) => [type, group, actor]),
    ).toEqual([
      ['manifest-recorded', 'firm', 'ann'],
      ['group-opened', 'firm', 'ann'],
    ])
    const row = await state.schemaManifest.get('books:1')
    expect(row).toMatchObject({ collections: ['bills', 'partners'], persistJsonSchema: [] })
    await createLobby(db).openStateManagementVault()
    expect(await state.detectDrift('books', books)).toBe(false)
  })

  it('keeps the manifest of a template that changed without a new version, and says that it drifted', async () => {
    const { lobby } = await openFirm()
    const changed = {
      version: 1,
      configure: (vault: Parameters<typeof books.configure>[0]) => void vault.collection('other'),
    }
    lobby.withVaultTemplate('books', changed)
    await lobby.openVaultGroup('second', { sharding })
    const state = await lobby.openStateManagementVault()
    expect((await state.schemaManifest.get('books:1'))?.collections).toEqual(['bills', 'partners'])
    expect(await state.detectDrift('books', changed)).toBe(true)
    expect(await state.detectDrift('books', { ...books, version: 2 })).toBe(true)
  })

  it('with a registry of its own touches no state vault', async () => {
    const store = memory()
    const lobby = await lobbyOver(store)
    const control = await lobby.noydb.openVault('control')
    const registry = control.collection<never>('firm-registry')
    const group = await lobby.openVaultGroup('firm', { registry, sharding })
    await group.collection<object>('bills').put('b1', {})
    expect(await store.listVaults()).not.toContain(STATE_VAULT_NAME)
    expect(await group.allRows()).toMatchObject([{ vaultId: 'firm--k', group: 'firm', schemaVersion: 1 }])
  })
})
