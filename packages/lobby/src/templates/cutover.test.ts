/** Preparing a cutover over a real vault: what is read, what is prepared again, and what the cutover is given. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CollectionOptions, UpdateDecision, VaultApi } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { sqliteStore } from '@noy-db/to-sqlite'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { openOffice } from '../fixture-office.ts'
import { PreparedCutover } from './cutover.ts'
import { CutoverStaleError, TransformRowsRefusedError } from './errors.ts'
import { compiled, transforming } from './fixture-template.ts'
import { withTransforms } from './migrating-template.ts'
import { createExpressionRunner } from './runner/runner.ts'

const runner = createExpressionRunner()
afterAll(() => runner.close())

type Body = Record<string, unknown>

/** A vault as it was left by an older version: bodies of any shape, under no schema. */
async function olderVault(bodies: Readonly<Record<string, Body>>, store = memory()): Promise<VaultApi> {
  const db = await openOffice('anna', store)
  const vault = await db.openVault('clients--a')
  for (const [id, body] of Object.entries(bodies)) await vault.collection<Body>('notes').put(id, body)
  onTestFinished(() => db.close())
  return vault
}

/** The same stored vault in a session of its own, with nothing declared or read yet. */
async function reopened(store: ReturnType<typeof memory>): Promise<VaultApi> {
  const db = await openOffice('anna', store)
  onTestFinished(() => db.close())
  return db.openVault('clients--a', { create: false })
}

describe('a prepared cutover', () => {
  test('gives results by id and version, and by the body they were made from', async () => {
    const vault = await olderVault({ a: { title: 'one' }, 'b/😀': { title: 'two' } })
    const prepared = new PreparedCutover({ vault, template: compiled(), from: 1, runner })
    expect(await prepared.prepare('notes')).toBe(2)
    expect(prepared.result('notes', 'a', 1)).toEqual({ title: 'ONE!' })
    expect(prepared.result('notes', 'a', 2)).toBeUndefined()
    expect(prepared.transform('notes')({ title: 'two' })).toEqual({ title: 'TWO!' })
  })

  test('runs again for what changed, came or went meanwhile, and for nothing else', async () => {
    const vault = await olderVault({ a: { title: 'one' }, b: { title: 'two' }, c: { title: 'three' } })
    const prepared = new PreparedCutover({ vault, template: compiled(), from: 2, runner })
    await prepared.prepare('notes')
    const notes = vault.collection<Body>('notes')
    await notes.put('b', { title: 'changed' })
    await notes.put('d', { title: 'new' })
    await notes.delete('c')
    expect(() => prepared.transform('notes')({ title: 'changed' })).toThrow(CutoverStaleError)
    expect(await prepared.refresh()).toBe(2)
    expect(await prepared.refresh()).toBe(0)
    expect(prepared.transform('notes')({ title: 'changed' })).toEqual({ title: 'changed!' })
    expect(prepared.result('notes', 'd', 1)).toEqual({ title: 'new!' })
    expect(prepared.result('notes', 'c', 1)).toBeUndefined()
    expect(prepared.result('notes', 'a', 1)).toEqual({ title: 'one!' })
  })

  test('is refused as a whole where one record does not fit, listed by id', async () => {
    const vault = await olderVault({ a: { title: 'one' }, b: { title: 'two', date: 'soon' } })
    const prepared = new PreparedCutover({ vault, template: compiled(), from: 1, runner })
    const refused: unknown = await prepared.prepare('notes').catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(TransformRowsRefusedError)
    expect(refused).toMatchObject({ rows: [{ id: 'b', path: 'date' }] })
    expect(prepared.result('notes', 'a', 1)).toBeUndefined()
  })

  test('reads a SQLite file past the schema that is declared by now', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'templates-'))
    const store = await sqliteStore({ file: join(folder, 'workspace.lobby') })
    onTestFinished(async () => {
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    })
    const bodies = Object.fromEntries(
      Array.from({ length: 450 }, (_, at) => [`n${at}`, { name: `note ${at}` }]),
    )
    await olderVault(bodies, store)
    const vault = await reopened(store)
    const template = transforming('{ "title": name }')
    template.configure(vault)
    const prepared = new PreparedCutover({ vault, template, from: 1, runner })
    const seen: number[] = []
    await prepared.prepare('notes', { onProgress: (done) => void seen.push(done) })
    expect(prepared.result('notes', 'n449', 1)).toEqual({ title: 'note 449' })
    expect(seen).toEqual([200, 400, 450])
  })

  test('stops when it is cancelled', async () => {
    const vault = await olderVault({ a: { title: 'one' } })
    const prepared = new PreparedCutover({ vault, template: compiled(), from: 1, runner })
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(prepared.prepare('notes', { signal })).rejects.toThrow('enough')
  })
})

describe('a template with its transforms', () => {
  const removed = {
    collection: 'notes',
    kind: 'non-additive',
    added: [],
    removed: ['name'],
    changed: [],
  } as const
  const added = { collection: 'notes', kind: 'additive', added: ['date'], removed: [], changed: [] } as const

  /** What the hub would be told, asked of the strategy the template declares. */
  async function decisionOf(
    vault: VaultApi,
    options: { from: number; delta: typeof removed | typeof added; expression?: string },
  ): Promise<UpdateDecision & { stale?: () => unknown }> {
    const template = transforming(options.expression ?? '{ "title": name }')
    const migrating = withTransforms(template, { runner, versionOf: () => options.from })
    const declared: CollectionOptions<unknown>[] = []
    // The vault itself, but for what is declared on it.
    const collection = (_: string, given: CollectionOptions<unknown>) => void declared.push(given)
    const listening = Object.assign(Object.create(null) as VaultApi, {
      name: vault.name,
      collection,
      _introspectState: () => vault._introspectState(),
    })
    migrating.configure(listening)
    const strategy = declared[0]?.schemaUpdate?.[0]
    if (strategy === undefined) throw new Error('No strategy was declared.')
    return strategy.onSchemaDelta(options.delta, { collection: 'notes' })
  }

  test('answers a changed schema with a cutover that knows its results', async () => {
    const vault = await olderVault({ a: { name: 'one' } })
    const decision = await decisionOf(vault, { from: 1, delta: removed })
    if (decision.action !== 'cutover') throw new Error(decision.action)
    expect(decision.transform?.({ name: 'one' })).toEqual({ title: 'one' })
    expect(() => decision.transform?.({ name: 'another' })).toThrow(CutoverStaleError)
  })

  test('lets a field be added where no transform is about it', async () => {
    const vault = await olderVault({ a: { title: 'one' } })
    expect(await decisionOf(vault, { from: 2, delta: added })).toEqual({ action: 'allow' })
  })

  test('fails in the cutover, not before, so that the vault does not pass for migrated', async () => {
    const vault = await olderVault({ a: { name: 'one' } })
    const decision = await decisionOf(vault, { from: 1, delta: removed, expression: '{ "title": 1 }' })
    if (decision.action !== 'cutover') throw new Error(decision.action)
    expect(() => decision.transform?.({ name: 'one' })).toThrow(TransformRowsRefusedError)
  })
})
