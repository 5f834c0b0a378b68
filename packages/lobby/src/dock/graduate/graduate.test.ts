/** Foreign units become vaults, whole or not at all. */
import { describe, expect, it } from 'vitest'
import {
  isDeedVault,
  MemorySealingKeyProvider,
  ref,
  STATE_VAULT_NAME,
  type NoydbStore,
  type Vault,
} from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { z } from 'zod'
import { failingStore, openDb, openFirm } from '../../federation/fixture-firm.ts'
import { undoImport } from '../../import/undo.ts'
import { Lobby } from '../../lobby.ts'
import { InMemoryUnitDriver, type ForeignRecord } from '../docked-unit.ts'
import { UnitGraduationError } from './error.ts'

const template = {
  version: 1,
  configure(vault: Vault) {
    vault.collection('partners', { schema: z.object({ id: z.string(), name: z.string() }), provenance: true })
    vault.collection('bills', { refs: { partner: ref('partners') }, provenance: true })
  },
}

function unit(data: Record<string, ForeignRecord[]>) {
  return new InMemoryUnitDriver('legacy-7', data)
}

const good = { partners: [{ id: 1, name: 'Ada' }], bills: [{ id: 'b1', partner: '1', net: 5 }] }

async function refusalOf(work: Promise<unknown>): Promise<UnitGraduationError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof UnitGraduationError)) throw new Error(`not refused: ${String(error)}`)
  return error
}

async function lobbyOver(store: NoydbStore = memory()) {
  const db = await openDb(store)
  return { db, store, lobby: new Lobby(db) }
}

describe('a docked unit', () => {
  it('is read and not written to; unknown collections are empty', async () => {
    const { lobby } = await lobbyOver()
    const docked = lobby.dock(unit(good))
    expect(docked.unitId).toBe('legacy-7')
    expect(await docked.listCollections()).toEqual(['partners', 'bills'])
    const rows: ForeignRecord[] = []
    for await (const row of docked.readRecords('constructor')) rows.push(row)
    expect(rows).toEqual([])
  })
})

describe('graduation', () => {
  it('fills a vault, with where each record came from, and can be undone', async () => {
    const { db, lobby } = await lobbyOver()
    const stateVault = await lobby.openStateManagementVault()
    const report = await lobby.graduate(lobby.dock(unit(good)), {
      vaultName: 'acme',
      template,
      stateVault,
      mapping: { bills: (row) => ({ ...row, net: Number(row['net']) * 100 }) },
    })
    expect(report).toMatchObject({
      vaultName: 'acme',
      collections: { partners: { graduated: 1 }, bills: { graduated: 1 } },
      deedSealed: false,
      event: { type: 'unit-graduated', unitId: 'legacy-7', vault: 'acme' },
    })
    const bills = (await db.openVault('acme')).collection('bills')
    const entry = await bills.entry('b1')
    expect(entry?.record).toEqual({ id: 'b1', partner: '1', net: 500 })
    expect(entry?.metadata.source).toBe('legacy-7/bills')
    const events = stateVault.queryEvents().toArray()
    expect(events.map(({ type, vaultId }) => [type, vaultId])).toEqual([['unit-graduated', 'acme']])
    await undoImport(db, report.importId ?? '')
    expect(await bills.count()).toBe(0)
  })

  it('merges two foreign collections into one target, and lists ids that come twice', async () => {
    const { db, lobby } = await lobbyOver()
    const data = { old: [{ id: 'a', name: 'A' }], new: [{ id: 'b', name: 'B' }] }
    const collectionMap = { old: 'partners', new: 'partners' }
    const options = { vaultName: 'acme', template, collectionMap }
    const report = await lobby.graduate(lobby.dock(unit(data)), options)
    expect(report.collections).toEqual({ partners: { graduated: 2 } })
    expect(await (await db.openVault('acme')).collection('partners').count()).toBe(2)

    const twice = unit({
      old: [
        { id: 1, name: 'A' },
        { id: 2, name: 'B' },
      ],
      new: [{ id: '1', name: 'C' }, {}],
    })
    const error = await refusalOf(lobby.graduate(lobby.dock(twice), { ...options, vaultName: 'beta' }))
    expect(error.faults).toEqual([
      { collection: 'new', row: 1, id: '1', message: 'The id is taken by old, row 1.' },
      {
        collection: 'new',
        row: 2,
        id: null,
        message: 'It has no id, or one that is neither text nor number.',
      },
    ])
  })

  it.each([
    ['a row its schema refuses', { partners: [{ id: 1 }] }],
    ['a reference to nobody', { bills: [{ id: 'b1', partner: 'x' }] }],
  ])('leaves no vault behind over %s', async (_what, data) => {
    const { store, lobby } = await lobbyOver()
    const error = await refusalOf(lobby.graduate(lobby.dock(unit(data)), { vaultName: 'acme', template }))
    expect(error.code).toBe('UNIT_NOT_GRADUATED')
    expect(error.faults).toHaveLength(1)
    expect(await store.listVaults?.()).not.toContain('acme')
  })

  it('leaves no vault behind when the disk fails, and takes the same unit afterwards', async () => {
    const inner = memory()
    let broken = true
    const store = failingStore(inner, (_call, vault, name) => broken && vault === 'acme' && name === 'bills')
    const { db, lobby } = await lobbyOver(store)
    await lobby.openStateManagementVault()
    const options = { vaultName: 'acme', template }
    await expect(lobby.graduate(lobby.dock(unit(good)), options)).rejects.toThrow('disk:')
    expect(await inner.listVaults()).not.toContain('acme')
    broken = false
    expect((await lobby.graduate(lobby.dock(unit(good)), options)).collections['bills']).toEqual({
      graduated: 1,
    })
    db.close()
    const again = await openDb(inner)
    expect(await (await again.openVault('acme', { create: false })).collection('bills').count()).toBe(1)
  })

  it('goes into no vault that holds anything', async () => {
    const { db, lobby } = await lobbyOver()
    await (await db.openVault('acme')).collection('notes').put('n', { text: 'mine' })
    const error = await refusalOf(lobby.graduate(lobby.dock(unit(good)), { vaultName: 'acme', template }))
    expect(error.message).toContain('holds records of notes')
    await expect(
      lobby.graduate(lobby.dock(unit(good)), { vaultName: STATE_VAULT_NAME, template }),
    ).rejects.toMatchObject({ code: 'RESERVED_VAULT_NAME' })
  })

  it('seals a deed, or leaves nothing where the seal fails', async () => {
    const { store, lobby } = await lobbyOver()
    const deed = { ownerId: 'heir', sealingProvider: new MemorySealingKeyProvider({ id: 'safe' }) }
    const report = await lobby.graduate(lobby.dock(unit(good)), { vaultName: 'acme', template, deed })
    expect(report.deedSealed).toBe(true)
    expect(await isDeedVault(store, 'acme')).toBe(true)
    const broken = {
      id: 'none',
      seal: () => Promise.reject(new Error('no seal')),
      unseal: () => Promise.reject(new Error()),
    }
    const options = { vaultName: 'beta', template, deed: { ownerId: 'heir', sealingProvider: broken } }
    await expect(lobby.graduate(lobby.dock(unit(good)), options)).rejects.toThrow('no seal')
    expect(await store.listVaults?.()).not.toContain('beta')
  })

  it('registers the vault in a group; what fails afterwards is a warning', async () => {
    const { lobby, group } = await openFirm({ template })
    const register = { group, partitionKey: 'acme' }
    const options = { vaultName: 'firm--acme', template, register }
    expect(await lobby.graduate(lobby.dock(unit(good)), options)).not.toHaveProperty('warnings')
    expect((await group.allRows()).map(({ vaultId }) => vaultId)).toEqual(['firm--acme'])
    await expect(
      lobby.graduate(lobby.dock(unit(good)), { ...options, vaultName: 'firm--other' }),
    ).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
    const failing = { shardVaultId: () => 'solo', createShard: () => Promise.reject(new Error('offline')) }
    const solo = { vaultName: 'solo', template, register: { group: failing, partitionKey: 'solo' } }
    const report = await lobby.graduate(lobby.dock(unit(good)), solo)
    expect(report.warnings).toEqual([{ step: 'registration', message: 'offline' }])
  })
})
