/** A vault whose keyrings were written before they were signed takes part in what came later. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { TamperedError } from '../src/errors.ts'
import { memory } from '../src/memory.ts'
import { member, session } from '../src/noydb/test-session.ts'
import type { EncryptedEnvelope } from '../src/types/store.ts'

type Stored = Record<string, Record<string, Record<string, EncryptedEnvelope>>>

async function stored() {
  const file = new URL('fixtures/unsigned-keyring/store.json', import.meta.url)
  const vaults = JSON.parse(readFileSync(file, 'utf8')) as Stored // made by the program of its time
  const store = memory()
  for (const [vault, collections] of Object.entries(vaults)) {
    for (const [collection, rows] of Object.entries(collections)) {
      for (const [id, envelope] of Object.entries(rows)) await store.put(vault, collection, id, envelope)
    }
  }
  return store
}

const AUDITED = { history: true, audit: true } as const

describe('a vault with an unsigned keyring', () => {
  it('opens, reads and writes', async () => {
    const store = await stored()
    const vault = await (await session(store, AUDITED)).openVault('v', { create: false })
    expect(vault.role).toBe('owner')
    expect(await vault.collection('invoices').list()).toEqual([{ total: 120 }])
    expect((await vault.collection('invoices').history('2026/1')).map(({ record }) => record)).toEqual([
      { total: 120 },
      { total: 100 },
    ])
    expect(await vault.sidecar('_conflicts').list()).toMatchObject([{ row: { theirs: 90 } }])
    await vault.collection('new').put('x', {})
    expect(await vault.audit.verify()).toMatchObject({ ok: true })
  })

  it('is signed when access is first given, and rotated when it is taken', async () => {
    const store = await stored()
    const ann = await session(store, AUDITED)
    const before = await ann.openVault('v')
    await ann.grant('v', member('vic', 'viewer'))
    await before.collection('clients').put('c2', { name: 'Late' })
    const vic = await (await session(store, { user: 'vic' })).openVault('v')
    expect(await vic.collection('clients').count()).toBe(2)
    await ann.revoke('v', { userId: 'vic' })
    await before.collection('clients').put('c3', { name: 'Later' })
    const after = await (await session(store, AUDITED)).openVault('v')
    expect(await after.collection('clients').count()).toBe(3)
    expect(await after.audit.verify()).toMatchObject({ ok: true })
  })

  it.each([
    ['role', { role: 'admin' }],
    ['a capability', { export_capability: { plaintext: ['*'] } }],
    ['an end', { expires_at: '2100-01-01T00:00:00.000Z' }],
    ['a granter', { granted_by: 'eve' }],
  ])('cannot be given %s, which it did not know', async (_what, change) => {
    const store = await stored()
    const envelope = await store.get('v', '_keyring', 'ann')
    if (envelope === null) throw new Error('no keyring')
    const file = { ...(JSON.parse(envelope._data) as object), ...change }
    await store.put('v', '_keyring', 'ann', { ...envelope, _data: JSON.stringify(file) })
    await expect((await session(store)).openVault('v')).rejects.toThrow(TamperedError)
  })
})
