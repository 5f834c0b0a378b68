/** Grants and rotations over real files: several users, several sessions, a restart between. */
import { createNoydb, NoAccessError, type Noydb, type NoydbStore } from '@noy-db/hub'
import { describe, expect, it } from 'vitest'
import { openStore, tempFile } from './testing/workspace.ts'

const session = (store: NoydbStore, user: string): Promise<Noydb> =>
  createNoydb({
    store,
    user,
    secret: `secret of ${user}`,
    kdf: { memoryKiB: 8, passes: 1, parallelism: 1 },
    history: true,
    audit: true,
  })

const grantOf = (userId: string) => ({ userId, displayName: userId, passphrase: `secret of ${userId}` })

describe('access over a workspace file', () => {
  it('is given, used, taken and remembered', async () => {
    const file = tempFile()
    const store = await openStore({ file })
    const ann = await session(store, 'ann')
    const invoices = (await ann.openVault('v')).collection('invoices')
    await invoices.putMany(Array.from({ length: 1_500 }, (_, n) => ({ id: `r${n}`, record: { n } })))
    await invoices.put('r0', { n: -1 })
    await ann.grant('v', { ...grantOf('vic'), role: 'viewer' })
    await ann.grant('v', { ...grantOf('olga'), role: 'operator', permissions: { invoices: 'rw' } })
    const [vic, olga] = [await session(store, 'vic'), await session(store, 'olga')]
    const vicsInvoices = (await vic.openVault('v', { create: false })).collection('invoices', { large: true })
    const olgasInvoices = (await olga.openVault('v')).collection('invoices')
    expect(await vicsInvoices.count()).toBe(1_500)

    const revoking = ann.revoke('v', { userId: 'vic' })
    await Promise.all([revoking, olgasInvoices.put('olga', { n: 7 }), invoices.put('ann', { n: 8 })])
    await expect(vicsInvoices.get('r1')).rejects.toThrow(NoAccessError)
    await olgasInvoices.put('later', { n: 9 })
    await store.close()

    const again = await openStore({ file })
    expect(await again.integrityCheck()).toEqual([])
    for (const user of ['ann', 'olga']) {
      const vault = await (await session(again, user)).openVault('v', { create: false })
      const found = vault.collection('invoices')
      expect(await found.count()).toBe(1_503)
      expect((await found.history('r0')).map(({ record }) => record)).toEqual([{ n: -1 }, { n: 0 }])
      expect(await vault.audit.verify()).toMatchObject({ ok: true, problems: [] })
    }
    await expect((await session(again, 'vic')).openVault('v')).rejects.toThrow(NoAccessError)
    expect(await again.get('v', '_keyring', 'vic')).toBeNull()
  })

  it('is the same for two sessions of one person', async () => {
    const store = await openStore({ file: tempFile() })
    const [one, two] = [await session(store, 'ann'), await session(store, 'ann')]
    const [left, right] = [await one.openVault('v'), await two.openVault('v')]
    await left.collection('c').put('x', { n: 1 })
    await one.grant('v', { ...grantOf('vic'), role: 'viewer' })
    await two.revoke('v', { userId: 'vic' })
    await left.collection('c').put('y', { n: 2 })
    await right.collection('d').put('z', { n: 3 })
    expect(await right.collection('c').count()).toBe(2)
    expect(await left.collection('d').list()).toEqual([{ n: 3 }])
  })
})
