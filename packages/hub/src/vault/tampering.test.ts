import { describe, expect, it } from 'vitest'
import { DecryptionError, TamperedError } from '../errors.ts'
import { memory } from '../memory.ts'
import { session } from '../noydb/test-session.ts'
import type { EncryptedEnvelope, NoydbStore } from '../types/store.ts'

async function open(store: NoydbStore, name = 'v') {
  return (await session(store)).openVault(name)
}

async function stored(
  store: NoydbStore,
  collection: string,
  id: string,
  vault = 'v',
): Promise<EncryptedEnvelope> {
  const envelope = await store.get(vault, collection, id)
  if (envelope === null) throw new Error(`no ${collection}/${id}`)
  return envelope
}

async function prepared() {
  const store = memory()
  const vault = await open(store)
  const collection = vault.collection('c', { provenance: true })
  await collection.put('x', { n: 1 })
  const old = await stored(store, 'c', 'x')
  await collection.put('x', { n: 2 }, { source: 'bank' })
  await collection.put('y', { n: 3 })
  await vault.collection('d').put('x', { n: 4 })
  await (await open(store, 'w')).collection('c').put('x', { n: 5 })
  return { store, old }
}

describe('a row changed in the store is refused', () => {
  const changes: Array<[string, (envelope: EncryptedEnvelope) => EncryptedEnvelope]> = [
    ['re-dated', (envelope) => ({ ...envelope, _ts: '2030-01-01T00:00:00.000Z' })],
    ['under another version', (envelope) => ({ ...envelope, _v: 9 })],
    ['under another writer', (envelope) => ({ ...envelope, _by: 'eve' })],
    ['from another source', (envelope) => ({ ...envelope, _source: 'eve' })],
    ['with its source time moved', (envelope) => ({ ...envelope, _sourceTs: '2030-01-01T00:00:00.000Z' })],
    ['with other bytes', (envelope) => ({ ...envelope, _data: `AAAA${envelope._data.slice(4)}` })],
    ['said to be without associated data', ({ _aad: _none, ...envelope }) => envelope],
    [
      'replaced by clear text',
      ({ _aad: _none, ...envelope }) => ({ ...envelope, _iv: '', _data: '{"n":99}' }),
    ],
    ['emptied', (envelope) => ({ ...envelope, _data: '' })],
  ]
  it.each(changes)('%s', async (_what, change) => {
    const { store } = await prepared()
    await store.put('v', 'c', 'x', change(await stored(store, 'c', 'x')))
    await expect((await open(store)).collection('c').list()).rejects.toThrow(TamperedError)
    await expect((await open(store)).collection('c', { large: true }).get('x')).rejects.toThrow(TamperedError)
  })

  it('moved from another id, collection or vault', async () => {
    const { store } = await prepared()
    const places: Array<[string, string, string]> = [
      ['v', 'c', 'y'],
      ['v', 'd', 'x'],
      ['w', 'c', 'x'],
    ]
    const mine = await stored(store, 'c', 'x')
    for (const [vault, collection, id] of places) {
      await store.put('v', 'c', 'x', await stored(store, collection, id, vault))
      await expect((await open(store)).collection('c').get('x')).rejects.toThrow(TamperedError)
    }
    await store.put('v', 'c', 'x', mine)
    expect(await (await open(store)).collection('c').get('x')).toEqual({ n: 2 })
  })

  it('an old ciphertext put back under the current version', async () => {
    const { store, old } = await prepared()
    const { _v, _ts } = await stored(store, 'c', 'x')
    await store.put('v', 'c', 'x', { ...old, _v, _ts })
    await expect((await open(store)).collection('c').get('x')).rejects.toThrow(TamperedError)
  })

  it('a data key of another collection, in the shared rows', async () => {
    const { store } = await prepared()
    const envelope = await stored(store, '_keyring', 'ann')
    const file = JSON.parse(envelope._data) as { deks: Record<string, string> }
    delete file.deks.c
    await store.put('v', '_keyring', 'ann', { ...envelope, _data: JSON.stringify(file) })
    await store.put('v', '_deks', 'c', await stored(store, '_deks', 'd'))
    await expect((await open(store)).collection('c').list()).rejects.toThrow(TamperedError)
  })

  it('a plaintext session does not read ciphertext as a record', async () => {
    const { store } = await prepared()
    const plain = await (await session(store, { encrypt: false })).openVault('v')
    await expect(plain.collection('c').list()).rejects.toThrow(DecryptionError)
  })
})
