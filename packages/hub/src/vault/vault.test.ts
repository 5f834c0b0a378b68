import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { ExportCapabilityError, ValidationError } from '../errors.ts'
import { memory } from '../memory.ts'
import { bareStore, session } from '../noydb/test-session.ts'
import { ref } from '../refs/ref.ts'
import { jsonSchemaValidator } from '../schema/json-schema-validator.ts'

describe('Vault', () => {
  it('names its stored collections, reserved ones left out', async () => {
    for (const store of [memory(), bareStore()]) {
      const vault = await (await session(store)).openVault('v')
      vault.collection('declared')
      await vault.collection('b').put('x', {})
      await vault.collection('a').put('x', {})
      expect((await vault.collections()).sort()).toEqual(['a', 'b'])
    }
  })

  it('keeps its handle for good, also without encryption', async () => {
    const store = memory()
    const handle = await (await (await session(store)).openVault('v')).getBundleHandle()
    expect(await (await (await session(store)).openVault('v')).getBundleHandle()).toBe(handle)
    const plain = await (await session(store, { encrypt: false })).openVault('p')
    const own = await plain.getBundleHandle()
    expect(own).not.toBe(handle)
    expect(await plain.getBundleHandle()).toBe(own)
    expect(JSON.parse((await store.get('p', '_meta', 'handle'))?._data ?? '')).toEqual({ handle: own })
  })

  it('gives one handle to all who ask first at once', async () => {
    for (const store of [memory(), bareStore()]) {
      const open = async () => (await session(store, { encrypt: false })).openVault('p')
      const vaults = await Promise.all([open(), open(), open()])
      const handles = await Promise.all([...vaults, ...vaults].map((vault) => vault.getBundleHandle()))
      expect(new Set(handles).size).toBe(1)
      expect(await (await open()).getBundleHandle()).toBe(handles[0])
    }
  })

  it('exports by collection or record, sorted, and opens what nobody declared without fixing its options', async () => {
    const vault = await (await session(memory())).openVault('v')
    await vault.collection('b').put('2', { n: 2 })
    await vault.collection('b').put('1', { n: 1 })
    await (
      await session(vault._introspectState().adapter)
    )
      .openVault('v')
      .then((other) => other.collection('a').put('x', { n: 0 }))
    const chunks = await Array.fromAsync(vault.exportStream())
    expect(chunks).toEqual([
      { collection: 'a', schema: null, refs: {}, records: [{ n: 0 }] },
      { collection: 'b', schema: null, refs: {}, records: [{ n: 1 }, { n: 2 }] },
    ])
    expect(await Array.fromAsync(vault.exportStream({ granularity: 'record' }))).toHaveLength(3)
    const late = vault.collection('a', { provenance: true })
    await late.put('x', {}, { source: 'bank' })
    expect(await late.getMetadata('x')).toMatchObject({ source: 'bank' })
  })

  it('allows bundles but no plaintext to an owner', async () => {
    const vault = await (await session(memory())).openVault('v')
    vault.assertCanExport('bundle')
    expect(() => vault.assertCanExport('plaintext', 'xlsx')).toThrow(ExportCapabilityError)
  })

  it('dumps everything as envelopes', async () => {
    const store = memory()
    const vault = await (await session(store, { history: true })).openVault('v')
    await vault.collection('c').put('x', { n: 'visible?' })
    await vault.collection('c').put('x', { n: 2 })
    const text = await vault.dump()
    expect(text).not.toContain('visible?')
    const dump = JSON.parse(text) as Record<string, Record<string, Record<string, unknown>>>
    expect(dump).toMatchObject({ _noydb_backup: 1, _compartment: 'v' })
    expect(Object.keys(dump.keyrings ?? {})).toEqual(['ann'])
    expect(dump.collections).toEqual({ c: { x: await store.get('v', 'c', 'x') } })
    expect(Object.keys(dump._internal?._history ?? {})).toEqual(['c/x/000000000001'])
    expect(Object.keys(dump._internal ?? {}).sort()).toEqual(['_access', '_deks', '_history', '_meta'])
  })

  it('describes fields, indexes, references and sizes', async () => {
    const vault = await (await session(memory())).openVault('v')
    const schema = z.object({ n: z.number(), client: z.string().optional() })
    await vault
      .collection('c', { schema, indexes: ['n'], refs: { client: ref('clients', 'warn') } })
      .put('x', { n: 1 })
    const { collections } = await vault.dumpSchema({ withStats: true })
    expect(collections.c).toMatchObject({
      fields: { n: { type: 'number' }, client: { type: 'string', optional: true } },
      indexes: ['n'],
      refs: { client: { target: 'clients', mode: 'warn' } },
      stats: { records: 1 },
    })
  })

  it('describes what states its JSON Schema, and nothing of what fails to describe itself', async () => {
    const vault = await (await session(memory())).openVault('v')
    const properties = { n: { type: 'number' }, note: { type: ['string', 'null'] } }
    vault.collection('stated', {
      schema: jsonSchemaValidator({ type: 'object', properties, required: ['n'] }),
    })
    const failing = {
      get shape(): never {
        throw new Error('no')
      },
    }
    vault.collection('failing', { schema: failing as never })
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const { collections } = await vault.dumpSchema()
    expect(collections.stated?.fields).toEqual({
      n: { type: 'number' },
      note: { type: ['string', 'null'], optional: true },
    })
    expect(collections.failing?.fields).toEqual({})
    expect(warn).toHaveBeenCalledTimes(1)
    warn.mockRestore()
  })

  it('reads the schema fence live, and anything unreadable as none', async () => {
    const store = memory()
    const vault = await (await session(store)).openVault('v')
    expect(await vault.schemaFenceState()).toEqual({ currentSchemaVersion: 0, fenceState: 'normal' })
    const row = { _noydb: 1, _v: 1, _ts: '', _iv: '' } as const
    await store.put('v', '_meta', 'schema-fence', {
      ...row,
      _data: '{"currentSchemaVersion":3,"fenceState":"draining"}',
    })
    expect(await vault.schemaFenceState()).toEqual({ currentSchemaVersion: 3, fenceState: 'draining' })
    await store.put('v', '_meta', 'schema-fence', { ...row, _data: 'x' })
    expect((await vault.schemaFenceState()).currentSchemaVersion).toBe(0)
    await vault._drainPendingSchemaWrites()
  })

  it('shows its inside to the bundle code', async () => {
    const store = memory()
    const vault = await (await session(store)).openVault('v')
    await vault.collection('c', { refs: { to: ref('d') } }).put('x', { n: 1 })
    const state = vault._introspectState()
    expect(state).toMatchObject({ adapter: store, name: 'v', userId: 'ann', role: 'owner', encrypted: true })
    expect(state.refRegistry.getInbound('d')).toEqual([{ collection: 'c', field: 'to', mode: 'strict' }])
    expect(vault.resolveRef('c', 'to')).toEqual({ target: 'd', mode: 'strict' })
    expect(vault.resolveRef('c', 'constructor')).toBeNull()
    await state.getDEK('c')
    const schema = state.sealEnvelope(
      '_schemas',
      'c',
      { kind: 'zod' },
      { _v: 1, _ts: '2026-01-01T00:00:00.000Z' },
    )
    expect(state.openEnvelope('_schemas', 'c', schema)).toEqual({ kind: 'zod' })
    const envelope = await store.get('v', 'c', 'x')
    expect(envelope && state.openEnvelope('c', 'x', envelope)).toEqual({ n: 1 })
    await store.put(
      'v',
      'c',
      'y',
      state.sealEnvelope('c', 'y', { n: 2 }, { _v: 1, _ts: '2026-01-01T00:00:00.000Z' }),
    )
    expect(await (await (await session(store)).openVault('v')).collection('c').get('y')).toEqual({ n: 2 })
  })

  it('is the only thing a transaction takes for a vault', async () => {
    const db = await session(memory())
    const other = await (await session(memory())).openVault('v')
    await expect(db.transaction((tx) => tx.put(other, 'c', 'x', {}))).rejects.toThrow(ValidationError)
    await expect(db.transaction((tx) => tx.put({} as never, 'c', 'x', {}))).rejects.toThrow(ValidationError)
  })
})
