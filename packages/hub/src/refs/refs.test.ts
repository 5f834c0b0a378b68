import { describe, expect, it } from 'vitest'
import { RefIntegrityError, RefScopeError, ValidationError } from '../errors.ts'
import { memory } from '../memory.ts'
import { session } from '../noydb/test-session.ts'
import type { RefMode } from '../types/schema.ts'
import { ref } from './ref.ts'

async function open(mode: RefMode, large = false) {
  const vault = await (await session(memory())).openVault('v')
  const clients = vault.collection('clients', { large })
  const invoices = vault.collection('invoices', { refs: { client: ref('clients', mode) }, large })
  await clients.put('k', {})
  await clients.put('7', {})
  return { vault, clients, invoices }
}

describe('ref', () => {
  it('stays inside the vault and names a collection', () => {
    expect(ref('clients')).toEqual({ target: 'clients', mode: 'strict' })
    expect(() => ref('other/clients')).toThrow(RefScopeError)
    expect(() => ref('')).toThrow(ValidationError)
    expect(() => ref('_x')).toThrow(ValidationError)
  })
})

describe.each([false, true])('references (large: %s)', (large) => {
  it('strict ones must resolve; nothing is no reference', async () => {
    const { clients, invoices } = await open('strict', large)
    await invoices.put('a', { client: 'k' })
    await invoices.put('b', { client: 7 })
    await invoices.put('c', { client: null })
    await invoices.put('d', {})
    const missing = await invoices.put('e', { client: 'none' }).catch((error: unknown) => error)
    expect(missing).toBeInstanceOf(RefIntegrityError)
    expect(missing).toMatchObject({
      collection: 'invoices',
      id: 'e',
      field: 'client',
      refTo: 'clients',
      refId: 'none',
    })
    await expect(invoices.put('e', { client: { id: 'k' } })).rejects.toMatchObject({ refId: null })
    expect(await invoices.get('e')).toBeNull()
    await expect(clients.delete('k')).rejects.toThrow(RefIntegrityError)
    await invoices.delete('a')
    await clients.delete('k')
  })

  it('warn ones decide nothing', async () => {
    const { clients, invoices } = await open('warn', large)
    await invoices.put('a', { client: 'none' })
    await invoices.put('b', { client: 'k' })
    await clients.delete('k')
    expect(await invoices.count()).toBe(2)
  })

  it('cascade ones take their referrers along, around cycles too', async () => {
    const { vault, clients, invoices } = await open('cascade', large)
    const notes = vault.collection('notes', {
      refs: { invoice: ref('invoices', 'cascade'), next: ref('notes', 'cascade') },
    })
    await invoices.put('a', { client: 'k' })
    await invoices.put('b', { client: '7' })
    await notes.put('1', { invoice: 'a', next: '2' })
    await notes.put('2', { next: '1' })
    await notes.put('3', { invoice: 'b' })
    await clients.delete('k')
    expect(await invoices.list()).toEqual([{ client: '7' }])
    expect(await notes.list()).toEqual([{ invoice: 'b' }])
  })
})

describe('what the vault knows of references', () => {
  it('is registered at the declaration, and may come late to a collection opened without any', async () => {
    const vault = await (await session(memory())).openVault('v')
    const bare = vault.collection('invoices')
    expect(vault.resolveRef('invoices', 'client')).toBeNull()
    expect(vault.collection('invoices', { refs: { client: ref('clients', 'warn') } })).toBe(bare)
    expect(vault.resolveRef('invoices', 'client')).toEqual({ target: 'clients', mode: 'warn' })
    vault.collection('invoices', { refs: { client: ref('others') } })
    vault.collection('notes', {
      refs: { client: ref('clients'), 'about.invoice': ref('invoices', 'cascade') },
    })
    const { refRegistry } = vault._introspectState()
    expect(refRegistry.getOutbound('invoices')).toEqual({ client: { target: 'clients', mode: 'warn' } })
    expect(refRegistry.getOutbound('nothing')).toEqual({})
    expect(refRegistry.getInbound('clients')).toEqual([
      { collection: 'invoices', field: 'client', mode: 'warn' },
      { collection: 'notes', field: 'client', mode: 'strict' },
    ])
    expect(refRegistry.getInbound('others')).toEqual([])
  })

  it('holds for fields inside a record too', async () => {
    const vault = await (await session(memory())).openVault('v')
    const notes = vault.collection('notes', { refs: { 'about.client': ref('clients') } })
    await expect(notes.put('n', { about: { client: 'k' } })).rejects.toThrow(RefIntegrityError)
    await vault.collection('clients').put('k', {})
    await notes.put('n', { about: { client: 'k' } })
    await expect(vault.collection('clients').delete('k')).rejects.toThrow(RefIntegrityError)
  })
})
