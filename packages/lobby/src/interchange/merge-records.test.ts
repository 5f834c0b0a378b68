/** The declared merge calls over a real vault. The rules themselves are in merge-rules.test.ts. */
import { beforeEach, describe, expect, it } from 'vitest'
import { ref, type DecryptedRecord, type Noydb, type Vault } from '@noy-db/hub'
import { extractPartition } from '@noy-db/hub/bundle'
import { z } from 'zod'
import { contents, fill, openOffice } from '../fixture-office.ts'
import { undoImport } from '../import/undo.ts'
import { openConflictQueue } from '../queue/conflict-queue.ts'
import { mergeCompartment } from './merge-compartment.ts'
import { mergeDecryptedRecords } from './merge-records.ts'
import { strategyFor } from './strategy.ts'
import type { MergeStrategy } from './types.ts'

const OLD = '2020-01-01T00:00:00.000Z'
const NEW = '2999-01-01T00:00:00.000Z'

let db: Noydb
let vault: Vault

beforeEach(async () => {
  db = await openOffice('firm')
  vault = await db.openVault('acme')
  vault.collection('a', { provenance: true })
  await fill(db, 'acme', { a: { one: { n: 1 } } })
})

function row(id: string, n: number, more: Partial<DecryptedRecord> = {}): DecryptedRecord {
  return { id, record: { id, n }, ts: NEW, version: 1, ...more }
}

describe('mergeDecryptedRecords', () => {
  it('reports what the strategies did, inserts apart from conflicts', async () => {
    const incoming = { a: [row('one', 2), row('two', 2)], b: [row('x', 1)] }
    const report = await mergeDecryptedRecords(vault, incoming, {
      strategy: { a: 'lww-by-ts', default: 'keep-local' },
      db,
    })
    expect(report).toMatchObject({
      vault: 'acme',
      dryRun: false,
      summary: { inserted: 2, updated: 1, skipped: 0, queued: 0, total: 3 },
      byCollection: { a: { inserted: 1, updated: 1 }, b: { inserted: 1 } },
      conflicts: [
        { collection: 'a', id: 'one', strategy: 'lww-by-ts', resolution: 'incoming', fields: ['n'] },
      ],
    })
    const again = await mergeDecryptedRecords(vault, incoming, { strategy: 'take-incoming', db })
    expect(again.summary).toEqual({ inserted: 0, updated: 0, skipped: 0, queued: 0, total: 0 })
  })

  it('writes nothing on a dry run', async () => {
    const before = await contents(db, 'acme')
    const opts = { strategy: 'manual-queue', dryRun: true, db } as const
    const report = await mergeDecryptedRecords(vault, { a: [row('one', 2)] }, opts)
    expect(report).toMatchObject({
      dryRun: true,
      summary: { queued: 1 },
      conflicts: [{ resolution: 'queued' }],
    })
    expect(report.importId).toBeUndefined()
    expect(await contents(db, 'acme')).toEqual(before)
    expect((await (await openConflictQueue(db)).counts()).open).toBe(0)
  })

  it('persists the queue, and can be undone', async () => {
    const report = await mergeDecryptedRecords(
      vault,
      { a: [row('one', 2)] },
      { strategy: 'manual-queue', db },
    )
    const queue = await openConflictQueue(db)
    expect((await queue.list()).rows).toMatchObject([
      { conflictId: report.conflicts[0]?.conflictId, status: 'open' },
    ])
    await undoImport(db, report.importId ?? '')
    expect((await queue.counts()).open).toBe(0)
  })

  it('works with nothing but a vault', async () => {
    const report = await mergeDecryptedRecords(
      vault,
      { a: [row('one', 2), row('two', 2)] },
      { strategy: 'take-incoming' },
    )
    expect(report.summary).toMatchObject({ inserted: 1, updated: 1 })
    expect((await contents(db, 'acme'))['a']).toEqual({ one: { id: 'one', n: 2 }, two: { id: 'two', n: 2 } })
  })

  it('refuses a misspelt strategy and inherited names before anything', async () => {
    const misspelt = 'take-incomming' as MergeStrategy
    for (const strategy of [misspelt, { a: misspelt }, { default: misspelt }]) {
      await expect(mergeDecryptedRecords(vault, {}, { strategy, db })).rejects.toMatchObject({
        code: 'VALIDATION_ERROR',
      })
    }
    expect(strategyFor({ default: 'keep-local' }, 'constructor')).toBe('keep-local')
    expect(strategyFor({ a: 'keep-local' }, 'toString')).toBe('manual-queue')
  })

  it('needs a policy only where records changed, and writes nothing when every field stays', async () => {
    const strategy = 'field-authority'
    await expect(
      mergeDecryptedRecords(vault, { a: [row('one', 2)] }, { strategy, db }),
    ).rejects.toMatchObject({
      code: 'FIELD_AUTHORITY_POLICY_MISSING',
      name: 'FieldAuthorityPolicyMissingError',
    })
    await mergeDecryptedRecords(vault, { a: [row('one', 1)] }, { strategy, db })
    const before = await vault.collection('a').getMetadata('one')
    const fieldAuthority = { a: { n: { authority: 'owner', ownerSource: 'bank' } } } as const
    const kept = await mergeDecryptedRecords(vault, { a: [row('one', 2)] }, { strategy, fieldAuthority, db })
    expect(kept).toMatchObject({
      summary: { skipped: 1 },
      conflicts: [{ resolution: 'local', decisions: { n: 'local' } }],
    })
    expect(await vault.collection('a').getMetadata('one')).toEqual(before)
    const incoming = { a: [row('one', 2, { source: 'bank' })] }
    const taken = await mergeDecryptedRecords(vault, incoming, { strategy, fieldAuthority, db })
    expect(taken.conflicts).toMatchObject([{ resolution: 'field-merged', decisions: { n: 'incoming' } }])
    expect(await vault.collection('a').getMetadata('one')).toMatchObject({ source: 'merged' })
  })

  it('keeps provenance of what it inserts, and compares by it', async () => {
    const incoming = { a: [row('two', 1, { source: 'client', sourceTs: OLD })] }
    await mergeDecryptedRecords(vault, incoming, { strategy: 'lww-by-ts', db })
    expect(await vault.collection('a').getMetadata('two')).toMatchObject({ source: 'client', sourceTs: OLD })
    const later = { a: [row('two', 2, { ts: OLD, source: 'client', sourceTs: '2020-01-01T02:00:00+01:00' })] }
    expect((await mergeDecryptedRecords(vault, later, { strategy: 'lww-by-ts', db })).summary.updated).toBe(1)
  })

  it('finds records by their storage id, whatever their body says', async () => {
    await vault.collection('a').put('bare', { n: 1 })
    const report = await mergeDecryptedRecords(vault, { a: [row('bare', 2)] }, { strategy: 'keep-local', db })
    expect(report.summary).toMatchObject({ skipped: 1, inserted: 0 })
    await mergeDecryptedRecords(vault, { a: [row('bare', 2)] }, { strategy: 'take-incoming', db })
    expect(await vault.collection('a').get('bare')).toEqual({ n: 2 })
  })

  it('refuses rows the schema refuses, and writes none of the others', async () => {
    const strict = await db.openVault('strict')
    strict.collection('a', { schema: z.object({ id: z.string(), n: z.number().max(5) }) })
    strict.collection('b', { refs: { parent: ref('a') } })
    const incoming = {
      b: [{ ...row('x', 1), record: { id: 'x', parent: 'two' } }],
      a: [row('one', 1), row('two', 9)],
    }
    const merged = mergeDecryptedRecords(strict, incoming, { strategy: 'take-incoming', db })
    await expect(merged).rejects.toMatchObject({ code: 'ROWS_REFUSED', rows: [{ id: 'two' }, { id: 'x' }] })
    expect(await contents(db, 'strict')).toEqual({})
  })
})

describe('mergeCompartment', () => {
  it('merges an extracted partition under its key only', async () => {
    const client = await openOffice('client')
    await fill(client, 'books', { a: { one: { n: 7 } } })
    const seeds = { a: () => true }
    const { bundleBytes, transferKey } = await extractPartition(await client.openVault('books'), { seeds })
    const strategy = 'take-incoming'
    const wrong = { strategy, transferKey: new Uint8Array(32), db } as const
    await expect(mergeCompartment(vault, bundleBytes, wrong)).rejects.toMatchObject({ code: 'TRANSFER_SEAL' })
    const report = await mergeCompartment(vault, bundleBytes, { strategy, transferKey, db })
    expect(report.summary).toMatchObject({ updated: 1, total: 1 })
    expect(await vault.collection('a').get('one')).toEqual({ id: 'one', n: 7 })
  })
})
