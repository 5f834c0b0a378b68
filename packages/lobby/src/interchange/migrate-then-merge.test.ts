/** Bundles of an older version: what is transformed, what is refused, and that nothing is written unless all of it fits. */
import { extractPartition } from '@noy-db/hub/bundle'
import type { VaultApi } from '@noy-db/hub'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { exportBundle } from '../exchange/export-bundle.ts'
import { contents, fill, openOffice } from '../fixture-office.ts'
import { applyImport } from '../import/apply.ts'
import { listImports } from '../import/journal.ts'
import { planImport } from '../import/plan.ts'
import { compiled } from '../templates/fixture-template.ts'
import { createExpressionRunner } from '../templates/runner/runner.ts'
import { migrateThenMerge, type MigrateThenMergeOptions } from './migrate-then-merge.ts'

const runner = createExpressionRunner()
afterAll(() => runner.close())

type Data = Parameters<typeof fill>[2]
type Body = Record<string, unknown>

async function packed(data: Data) {
  const db = await openOffice('ada')
  await fill(db, 'old', data)
  const vault = await db.openVault('old')
  const seeds = Object.fromEntries(Object.keys(data).map((name) => [name, () => true]))
  const { bundleBytes, transferKey } = await extractPartition(vault, { seeds })
  return { bytes: bundleBytes, options: { transferKey, strategy: 'take-incoming' as const } }
}

const Client = z.strictObject({ id: z.string(), name: z.string(), vat: z.string().optional() })

async function receiver() {
  const db = await openOffice('firm')
  const vault: VaultApi = await db.openVault('new')
  vault.collection<Body>('clients', { schema: Client })
  return { db, vault }
}

const rename = (record: Body): Body => {
  const { title, ...rest } = record
  return { ...rest, name: title }
}

describe('a bundle of an older version', () => {
  it('goes through the steps between the versions, in their order, and is merged as it then is', async () => {
    const { bytes, options } = await packed({ clients: { c1: { title: 'Rossi' } } })
    const { db, vault } = await receiver()
    const seen: number[] = []
    const noting = (toVersion: number, transform: (record: Body) => Body) => ({
      toVersion,
      transform: (record: Body) => (seen.push(toVersion), transform(record)),
    })
    const report = await migrateThenMerge(vault, bytes, {
      ...options,
      fromVersion: 1,
      toVersion: 3,
      migrations: {
        clients: [
          noting(4, () => ({})),
          noting(3, (record) => ({ ...record, name: `${String(record['name'])}!` })),
          noting(1, () => ({})),
          noting(2, rename),
          noting(3, (record) => ({ ...record, vat: 'IT1' })),
        ],
        elsewhere: [noting(2, rename)],
      },
    })
    expect(seen).toEqual([2, 3, 3])
    expect(report).toMatchObject({
      summary: { inserted: 1 },
      migration: { fromVersion: 1, toVersion: 3, byCollection: { clients: 'transformed' } },
    })
    expect(await contents(db, 'new')).toEqual({ clients: { c1: { id: 'c1', name: 'Rossi!', vat: 'IT1' } } })
  })

  it('keeps its ids whatever the steps make of them', async () => {
    const { bytes, options } = await packed({ clients: { c1: { name: 'Rossi' } } })
    const { db, vault } = await receiver()
    const bodies: Body[] = []
    const drop = { toVersion: 2, transform: ({ id: _id, ...rest }: Body) => rest }
    const look = {
      toVersion: 3,
      transform: (record: Body) => (bodies.push(record), { ...record, id: 'other' }),
    }
    await migrateThenMerge(vault, bytes, {
      ...options,
      fromVersion: 1,
      toVersion: 3,
      migrations: { clients: [drop, look] },
    })
    expect(bodies).toEqual([{ name: 'Rossi' }])
    expect(await contents(db, 'new')).toEqual({ clients: { c1: { id: 'c1', name: 'Rossi' } } })
  })

  it('is labelled by collection, also where nothing had to be done', async () => {
    const { bytes, options } = await packed({
      clients: { c1: { name: 'Rossi' } },
      notes: { n: { text: 'x' } },
    })
    const { vault } = await receiver()
    const label = async (more: Omit<MigrateThenMergeOptions, 'transferKey' | 'strategy'>) =>
      (await migrateThenMerge(vault, bytes, { ...options, ...more, dryRun: true })).migration
    const migrations = { clients: [{ toVersion: 2, transform: (record: Body) => record }] }
    expect(await label({ fromVersion: 1, toVersion: 2, migrations })).toEqual({
      fromVersion: 1,
      toVersion: 2,
      byCollection: { clients: 'transformed', notes: 'additive-no-transform' },
    })
    const same = { clients: 'same-version', notes: 'same-version' }
    expect((await label({ fromVersion: 2, toVersion: 2, migrations })).byCollection).toEqual(same)
    // The receiver's generation is 0 as long as it was never migrated.
    expect(await label({ assumeFromVersion: 0, migrations })).toEqual({
      fromVersion: 0,
      toVersion: 0,
      byCollection: same,
    })
    expect((await label({ fromVersion: 2, assumeFromVersion: 1, toVersion: 2 })).fromVersion).toBe(2)
  })
})

describe('nothing is written', () => {
  async function untouched(
    data: Data,
    options: Omit<MigrateThenMergeOptions, 'transferKey' | 'strategy'>,
  ): Promise<unknown> {
    const bundle = await packed(data)
    const { db, vault } = await receiver()
    const error = await migrateThenMerge(vault, bundle.bytes, { ...bundle.options, ...options }).catch(
      (thrown: unknown) => thrown,
    )
    expect(await contents(db, 'new')).toEqual({})
    expect(await listImports(db)).toEqual([])
    return error
  }

  const good = { clients: { c1: { name: 'Rossi' } } }

  it('where the bundle is newer, or its version is not known', async () => {
    const newer = await untouched(good, { fromVersion: 3, toVersion: 2 })
    expect(newer).toMatchObject({
      name: 'MinVersionError',
      code: 'MIN_VERSION',
      fromVersion: 3,
      toVersion: 2,
    })
    expect(await untouched(good, {})).toMatchObject({ code: 'VALIDATION_ERROR' })
    expect(await untouched(good, { fromVersion: 0.5, toVersion: 2 })).toMatchObject({
      code: 'VALIDATION_ERROR',
    })
  })

  it('where one record of the last collection does not fit, at the same version too', async () => {
    const data = { notes: { n: { text: 'x' } }, clients: { c1: { name: 'Rossi' }, c2: { title: 'Verdi' } } }
    for (const toVersion of [1, 2]) {
      const error = await untouched(data, { fromVersion: 1, toVersion })
      expect(error).toMatchObject({
        name: 'MigrationTransformRequiredError',
        code: 'MIGRATION_TRANSFORM_REQUIRED',
        collection: 'clients',
        cause: { code: 'SCHEMA_VALIDATION_FAILED' },
      })
    }
  })

  it('where a step throws, which comes through as it is, or gives no record', async () => {
    const failing = new Error('no VAT number')
    const step = (transform: () => Body) => ({ clients: [{ toVersion: 2, transform }] })
    const thrower = step(() => {
      throw failing
    })
    expect(await untouched(good, { fromVersion: 1, toVersion: 2, migrations: thrower })).toBe(failing)
    const nothing = step(() => null as never)
    expect(await untouched(good, { fromVersion: 1, toVersion: 2, migrations: nothing })).toMatchObject({
      code: 'MIGRATION_TRANSFORM_REQUIRED',
    })
  })
})

describe('the transforms of a template', () => {
  const template = compiled()

  it('bring records along in the worker', async () => {
    const { bytes, options } = await packed({ notes: { n: { title: 'note' } }, extra: { e: { any: 1 } } })
    const db = await openOffice('firm')
    const vault = await db.openVault('new')
    template.configure(vault)
    const report = await migrateThenMerge(vault, bytes, {
      ...options,
      fromVersion: 1,
      template: { template, runner },
    })
    expect(report.migration).toEqual({
      fromVersion: 1,
      toVersion: 3,
      byCollection: { notes: 'transformed', extra: 'additive-no-transform' },
    })
    expect((await contents(db, 'new'))['notes']).toEqual({ n: { id: 'n', title: 'NOTE!' } })
  })

  it('that fail for one record leave everything as it is', async () => {
    const { bytes, options } = await packed({ notes: { good: { title: 'note' }, bad: { title: 7 } } })
    const db = await openOffice('firm')
    const vault = await db.openVault('new')
    template.configure(vault)
    const given = { ...options, fromVersion: 1, template: { template, runner } }
    await expect(migrateThenMerge(vault, bytes, given)).rejects.toMatchObject({
      code: 'TRANSFORM_ROWS_REFUSED',
    })
    await expect(migrateThenMerge(vault, bytes, { ...given, toVersion: 2 })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
    })
    await expect(migrateThenMerge(vault, bytes, { ...given, migrations: {} })).rejects.toMatchObject({
      code: 'VALIDATION_ERROR',
    })
    expect(await contents(db, 'new')).toEqual({})
  })

  async function sent(said: { name: string; version: number } | undefined, title: unknown = 'note') {
    const ada = await openOffice('ada')
    await fill(ada, 'old', { notes: { n: { title } } })
    const vault = { vault: 'old', ...(said !== undefined && { template: said }) }
    const { container, keys } = await exportBundle(ada, { party: 'firm', vaults: [vault] })
    const [handle = ''] = Object.keys(keys)
    const db = await openOffice('firm')
    template.configure(await db.openVault('new'))
    const plan = () =>
      planImport(db, {
        container,
        keys,
        into: { [handle]: 'new' },
        strategy: 'three-way',
        declare: (vault) => template.configure(vault),
        templateOf: () => ({ template, runner }),
      })
    return { db, plan }
  }

  it.each([
    ['an older version', { name: 'small', version: 1 }, 'NOTE!'],
    ['the version before', { name: 'small', version: 2 }, 'note!'],
    ['this version', { name: 'small', version: 3 }, 'note'],
    ['another template', { name: 'other', version: 1 }, 'note'],
    ['nobody knows what', undefined, 'note'],
  ])('are run by an import for a compartment of %s', async (_what, said, title) => {
    const { db, plan } = await sent(said)
    await applyImport(db, await plan(), {})
    expect((await contents(db, 'new'))['notes']).toEqual({ n: { id: 'n', title } })
  })

  it('keep an import from being planned where a record cannot come along, or the template is newer', async () => {
    const { plan } = await sent({ name: 'small', version: 1 }, 7)
    await expect(plan()).rejects.toMatchObject({ code: 'TRANSFORM_ROWS_REFUSED' })
    const newer = await sent({ name: 'small', version: 4 })
    await expect(newer.plan()).rejects.toMatchObject({ code: 'TEMPLATE_TOO_NEW' })
    const malformed = await sent({ name: 'small', version: 'one' as never })
    await expect(malformed.plan()).rejects.toMatchObject({ code: 'BUNDLE_INVALID' })
  })
})
