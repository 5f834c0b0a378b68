import { expect, it } from 'vitest'
import type { Noydb } from '@noy-db/hub'
import { exportBundle } from '../exchange/export-bundle.ts'
import { fill, openOffice } from '../fixture-office.ts'
import { ownIdentity } from '../identity/own-identity.ts'
import { applyImport } from '../import/apply.ts'
import { planImport } from '../import/plan.ts'
import type { Body } from '../import/types.ts'
import { openConflictQueue } from '../queue/conflict-queue.ts'
import { fieldOrigins } from './field-origins.ts'

async function office(name: string): Promise<Noydb> {
  const db = await openOffice(name)
  await ownIdentity(db, { party: name })
  return db
}

it('says of each field who supplied it, through merges and decisions', async () => {
  const [client, bank, firm] = await Promise.all([office('client'), office('bank'), office('firm')])
  const vault = await firm.openVault('books')
  const send = async (from: Noydb): Promise<void> => {
    const { container, keys } = await exportBundle(from, { party: 'firm', vaults: [{ vault: 'books' }] })
    const into = Object.fromEntries(Object.keys(keys).map((handle) => [handle, 'books']))
    await applyImport(firm, await planImport(firm, { container, keys, into, strategy: 'three-way' }))
  }
  const set = async (db: Noydb, change: Body): Promise<void> => {
    const partners = (await db.openVault('books')).collection<Body>('partners')
    await partners.put('p', { ...(await partners.get('p')), ...change })
  }
  const parties = async () => {
    const origins = await fieldOrigins(firm, vault, 'partners', 'p')
    return Object.fromEntries(Object.entries(origins).map(([field, { party }]) => [field, party]))
  }

  await fill(client, 'books', { partners: { p: { name: 'Ada', vat: '1', phone: '1', iban: '1' } } })
  await fill(bank, 'books', { partners: { p: { name: 'Ada', vat: '1', phone: '1', iban: '1' } } })
  await send(client)
  await send(bank)
  await set(firm, { phone: '2' })
  await set(client, { vat: '2' })
  await send(client)
  await set(bank, { iban: '2' })
  await send(bank)
  expect(await vault.collection('partners').get('p')).toMatchObject({ vat: '2', phone: '2', iban: '2' })
  expect(await parties()).toEqual({ id: 'client', name: 'client', vat: 'client', phone: null, iban: 'bank' })
  expect((await fieldOrigins(firm, vault, 'partners', 'p'))['phone']).toMatchObject({
    by: 'firm',
    version: 2,
  })

  await set(client, { phone: '3' })
  await send(client)
  const queue = await openConflictQueue(firm)
  const [conflict] = (await queue.list({ status: 'open' })).rows
  if (conflict === undefined) throw new Error('expected a conflict')
  const view = await queue.get(conflict)
  const seen = { expectRowVersion: view.rowVersion, expectRecordVersion: view.currentVersion }
  await queue.decide(conflict, { kind: 'fields', picks: { phone: { pick: 'theirs' } } }, seen)
  expect(await parties()).toMatchObject({ phone: 'client', iban: 'bank' })
  expect(await fieldOrigins(firm, vault, 'partners', 'nobody')).toEqual({})
})
