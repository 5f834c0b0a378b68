/** Templates with transforms over the hub's own cutover: which steps run, over which records, and what stops them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CutoverResult, NoydbStore, VaultApi } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { sqliteStore } from '@noy-db/to-sqlite'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { openOffice } from '../fixture-office.ts'
import type { CompiledTemplate } from './compile.ts'
import { compiled, type Spoilable } from './fixture-template.ts'
import { withTransforms } from './migrating-template.ts'
import { createExpressionRunner } from './runner/runner.ts'

const runner = createExpressionRunner()
afterAll(() => runner.close())

type Body = Record<string, unknown>
type Bodies = Readonly<Record<string, Body>>

async function open(store: NoydbStore): Promise<VaultApi> {
  const db = await openOffice('anna', store)
  onTestFinished(() => db.close())
  return db.openVault('clients--a')
}

/** The template as it was at a version: the transforms up to it, and whatever `change` does. */
function at(version: number, change: (template: Spoilable) => void = () => undefined): CompiledTemplate {
  return compiled((template) => {
    template.version = version
    template.transforms = template.transforms.filter(({ to }) => Number(to) <= version)
    change(template)
  })
}

/** A vault written by a program with that template. */
async function written(
  template: CompiledTemplate,
  bodies: Bodies,
  store: NoydbStore = memory(),
): Promise<NoydbStore> {
  const vault = await open(store)
  template.configure(vault)
  const rows = Object.entries(bodies).map(([id, record]) => ({ id, record }))
  await vault.collection<Body>('notes').putMany(rows)
  await vault._drainPendingSchemaWrites()
  vault.noydb.close()
  return store
}

interface Migrated {
  readonly vault: VaultApi
  cutover(): Promise<CutoverResult>
  bodies(): Promise<Bodies>
}

/** The next session, with a newer template. */
async function migrating(
  store: NoydbStore,
  template: CompiledTemplate,
  registered: number,
): Promise<Migrated> {
  const vault = await open(store)
  withTransforms(template, { runner, versionOf: () => registered }).configure(vault)
  await vault._drainPendingSchemaWrites()
  const notes = vault.collection<Body>('notes')
  return {
    vault,
    cutover: () => vault.runSchemaCutover(),
    bodies: async () => Object.fromEntries((await notes.entries()).map(({ id, record }) => [id, record])),
  }
}

const renamed = (template: Spoilable): void => {
  Object.assign(template, { name: 'other' })
}

describe('a template with transforms', () => {
  test('brings the records of a file from version 1 to 3, schema and values', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'templates-'))
    const store = await sqliteStore({ file: join(folder, 'workspace.lobby') })
    onTestFinished(async () => {
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    })
    const first = at(1, ({ collections }) => {
      const schema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
      Object.assign(collections['notes'] ?? {}, {
        schema,
        fields: [{ path: 'name', label: 'Name', type: 'text' }],
      })
      Object.assign(collections['notes'] ?? {}, { columns: ['name'], title: '{name}', period: undefined })
      Object.assign(collections['notes'] ?? {}, { naturalKey: undefined, indexes: [], refs: [] })
    })
    const bodies = Object.fromEntries(
      Array.from({ length: 250 }, (_, n) => [`n/${n}`, { name: `note ${n}` }]),
    )
    await written(first, bodies, store)
    const third = at(3, ({ transforms }) =>
      Object.assign(transforms[0] ?? {}, { expression: '{ "title": $uppercase(name) }' }),
    )
    const next = await migrating(store, third, 1)
    expect(await next.cutover()).toEqual({ migrated: 1, recordsMigrated: 250 })
    const expected = Object.fromEntries(
      Array.from({ length: 250 }, (_, n) => [`n/${n}`, { title: `NOTE ${n}!` }]),
    )
    expect(await next.bodies()).toEqual(expected)
    expect((await next.vault.audit.verify()).ok).toBe(true)
  })

  test('runs where only values change, each step once', async () => {
    const store = await written(at(1), { a: { title: 'one' } })
    const second = await migrating(store, at(2), 1)
    expect(await second.cutover()).toEqual({ migrated: 1, recordsMigrated: 1 })
    expect(await second.bodies()).toEqual({ a: { title: 'ONE' } })
    const again = await migrating(store, at(2), 1) // the registry has not heard of it
    expect(await again.cutover()).toEqual({ migrated: 0, recordsMigrated: 0 })
    const third = await migrating(store, at(3), 1)
    expect(await third.cutover()).toEqual({ migrated: 1, recordsMigrated: 1 })
    expect(await third.bodies()).toEqual({ a: { title: 'ONE!' } })
  })

  test('asks the registry where another program, or another template, stored the schema', async () => {
    const store = await written(at(2, renamed), { a: { title: 'one' } })
    const next = await migrating(store, at(3), 2)
    expect(await next.cutover()).toEqual({ migrated: 1, recordsMigrated: 1 })
    expect(await next.bodies()).toEqual({ a: { title: 'one!' } })
  })

  test('takes writes at once where no transform is about the collection', async () => {
    const elsewhere = (template: Spoilable): void => {
      template.collections['tags'] = structuredClone(template.collections['notes'] ?? { fields: [] })
      for (const step of template.transforms) step['collection'] = 'tags'
    }
    const store = await written(at(1), { a: { title: 'one' } })
    const next = await migrating(store, at(3, elsewhere), 1)
    await next.vault.collection<Body>('notes').put('b', { title: 'two' })
    expect(await next.cutover()).toEqual({ migrated: 0, recordsMigrated: 0 })
  })

  test('changes nothing where a record cannot be brought along, and names it', async () => {
    const store = await written(at(1), { a: { title: 'one' }, b: { title: 'two' } })
    const spoilt = at(2, ({ transforms }) =>
      Object.assign(transforms[0] ?? {}, { expression: 'title = "two" ? { "title": 2 } : $' }),
    )
    const next = await migrating(store, spoilt, 1)
    await expect(next.cutover()).rejects.toMatchObject({
      code: 'TRANSFORM_ROWS_REFUSED',
      rows: [{ collection: 'notes', id: 'b', path: 'title' }],
    })
    expect(await next.bodies()).toEqual({ a: { title: 'one' }, b: { title: 'two' } })
    expect(await next.vault.schemaFenceState()).toMatchObject({ fenceState: 'normal' })
  })

  test('transforms what was written after the schemas were compared', async () => {
    const store = await written(at(1), { a: { title: 'one' } })
    const next = await migrating(store, at(2), 1)
    const older = await open(store)
    at(1).configure(older)
    await older.collection<Body>('notes').put('b', { title: 'late' })
    expect(await next.cutover()).toEqual({ migrated: 1, recordsMigrated: 2 })
    expect(await next.bodies()).toEqual({ a: { title: 'ONE' }, b: { title: 'LATE' } })
  })

  const unknown = (): Promise<number> => Promise.reject(new Error('no registry'))

  test.each([
    { what: 'records of a newer version', versionOf: () => 9, error: { code: 'TEMPLATE_TOO_NEW' } },
    { what: 'a registry that cannot be asked', versionOf: unknown, error: { message: 'no registry' } },
  ])('fails in the cutover, not before, for $what', async ({ versionOf, error }) => {
    const store = await written(at(1, renamed), { a: { title: 'one' } })
    const vault = await open(store)
    withTransforms(at(3), { runner, versionOf }).configure(vault)
    const cutover = vault._drainPendingSchemaWrites().then(() => vault.runSchemaCutover())
    await expect(cutover).rejects.toMatchObject(error)
    const write = vault.collection<Body>('notes').put('b', { title: 'x' })
    await expect(write).rejects.toMatchObject({ code: 'SCHEMA_FENCE' })
  })
})
