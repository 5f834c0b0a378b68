import { decryptExtractedPartition, readNoydbBundleHeader } from '@noy-db/hub/bundle'
import { describe, expect, it } from 'vitest'
import { openContainer } from '../bundle/read.ts'
import { readBases } from '../exchange/bases.ts'
import { exportBundle } from '../exchange/export-bundle.ts'
import { fill } from '../fixture-office.ts'
import { verifyContainer } from '../import/open-import.ts'
import { pace } from '../pace.ts'
import { describeCrossVaultExtraction } from './describe.ts'
import { CrossVaultDanglingRefError } from './error.ts'
import { exportsOfPlan } from './export-plan.ts'
import { extractCrossVaultPartition, packCrossVaultPlan } from './extract.ts'
import { openBilling, toClients, toItems } from './fixture-firm.ts'
import { walkCrossVaultClosure } from './walk.ts'

const seed = {
  vault: 'books',
  seeds: { invoices: (record: Record<string, unknown>) => record['id'] === 'i1' },
}
const crossVaultRefs = [toClients, toItems]

describe('an extraction over several vaults', () => {
  it('has a compartment for each vault, under keys and seals named by it', async () => {
    const { open } = await openBilling()
    const made = await extractCrossVaultPartition(open, { seed, crossVaultRefs })
    const { compartments } = openContainer(made.bundle)
    const names = ['books', 'directory', 'stock']
    expect(Object.keys(made.transferKeys)).toEqual(names)
    expect(compartments.map(({ entry }) => Object.keys(entry))).toEqual(
      names.map(() => ['handle', 'exportedAt', 'innerBytes', 'innerSha256', 'schemaVersion']),
    )
    for (const [at, name] of names.entries()) {
      const inner = compartments[at]!.inner
      const header = readNoydbBundleHeader(inner)
      expect(header.transferSeal?.sealId).toBe(made.sealIds[name])
      expect(header.handle).toBe(made.handles?.[name])
    }
    const content = await decryptExtractedPartition(compartments[0]!.inner, made.transferKeys['books']!)
    expect(content['invoices']?.map(({ id }) => id)).toEqual(['i1'])
    expect(content['payments']?.map(({ id }) => id)).toEqual(['y1'])
  })

  it('discloses what it is asked to, with counts of the part and not of the vault', async () => {
    const { open } = await openBilling()
    const compartmentMeta = {
      books: { roleTag: 'ledger', disclose: { name: true, collections: true } },
      directory: { disclose: { name: 'Kunden' } },
      elsewhere: { roleTag: 'ignored' },
    }
    const { bundle } = await extractCrossVaultPartition(open, { seed, crossVaultRefs, compartmentMeta })
    const [books, directory, stock] = openContainer(bundle).compartments.map(({ entry }) => entry)
    expect(books).toMatchObject({
      roleTag: 'ledger',
      name: 'books',
      collections: [
        { name: 'invoices', count: 1 },
        { name: 'payments', count: 1 },
      ],
    })
    expect(Object.keys(books!).slice(4)).toEqual(['roleTag', 'name', 'collections', 'schemaVersion'])
    expect(directory?.name).toBe('Kunden')
    expect(stock).not.toHaveProperty('name')
  })

  it('makes nothing where a reference dangles, and a preview says so', async () => {
    const { db, open } = await openBilling()
    await fill(db, 'books', { invoices: { i1: { clientId: 'gone' } } })
    const error = await extractCrossVaultPartition(open, { seed, crossVaultRefs }).catch(
      (thrown: unknown) => thrown,
    )
    const dangling = [{ vault: 'directory', collection: 'clients', id: 'gone' }]
    expect(error).toBeInstanceOf(CrossVaultDanglingRefError)
    expect(error).toMatchObject({ code: 'CROSS_VAULT_DANGLING', dangling })
    const preview = await describeCrossVaultExtraction(open, { seed, crossVaultRefs })
    expect(preview.dangling).toEqual(dangling)
    expect(preview.compartments.map(({ vault, preview: { totalRecords } }) => [vault, totalRecords])).toEqual(
      [
        ['books', 2],
        ['directory', 0],
      ],
    )
  })

  it('takes exactly what was planned, whatever was written since', async () => {
    const { db, open } = await openBilling()
    const plan = await walkCrossVaultClosure(open, { seed, crossVaultRefs })
    await fill(db, 'directory', {
      clients: { c1: { name: 'changed' } },
      contacts: { k9: { clientId: 'c1' } },
    })
    await (await open('stock')).collection('items').delete('p1')
    await (await open('books')).collection('payments').delete('y1')
    const { bundle, transferKeys } = await packCrossVaultPlan(plan)
    const opened = await Promise.all(
      openContainer(bundle).compartments.map(({ inner }, at) =>
        decryptExtractedPartition(inner, Object.values(transferKeys)[at]!),
      ),
    )
    const [books, directory, stock] = opened
    expect(books?.['payments']).toHaveLength(1)
    expect(directory?.['clients']?.map(({ record, version }) => [record['name'], version])).toEqual([
      ['Rossi', 1],
    ])
    expect(directory?.['contacts']?.map(({ id }) => id)).toEqual(['k1'])
    expect(stock?.['items']?.map(({ id }) => id).sort()).toEqual(['7', 'p1'])
  })

  it('does not say that old records are of a newer version', async () => {
    const { db, open } = await openBilling()
    const plan = await walkCrossVaultClosure(open, { seed, crossVaultRefs })
    const fence = { _noydb: 1, _v: 1, _ts: new Date().toISOString(), _iv: '' } as const
    const data = JSON.stringify({ currentSchemaVersion: 7, fenceState: 'normal' })
    await db._store.put('stock', '_meta', 'schema-fence', { ...fence, _data: data })
    await expect(packCrossVaultPlan(plan)).rejects.toMatchObject({ code: 'PLAN_STALE' })
  })

  it('packs no copy of a plan', async () => {
    const { open } = await openBilling()
    const plan = await walkCrossVaultClosure(open, { seed, crossVaultRefs })
    await expect(packCrossVaultPlan({ ...plan })).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
  })

  it('counts the records of all vaults', async () => {
    const { open } = await openBilling()
    const many = Array.from({ length: 2000 }, (_, at) => ({ id: `n${at}`, record: { clientId: `n${at}` } }))
    await (await open('books')).collection('invoices').putMany(many)
    await (await open('directory')).collection('clients').putMany(many)
    const seen: [number, number][] = []
    const all = { vault: 'books', seeds: { invoices: () => true } }
    await extractCrossVaultPartition(open, {
      seed: all,
      crossVaultRefs: [toClients],
      onProgress: (done, total) => seen.push([done, total]),
    })
    // 2004 invoices with two payments, 2003 clients with a contact.
    expect(new Set(seen.map(([, total]) => total))).toEqual(new Set([4010]))
    expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).sort((left, right) => left - right))
    expect(seen.at(-1)?.[0]).toBeGreaterThan(2006)
  })
})

describe('a signed export of a plan', () => {
  it('has the records that were planned, under a signature, and remembers them as sent', async () => {
    const { db, open } = await openBilling()
    const plan = await walkCrossVaultClosure(open, { seed, crossVaultRefs })
    await fill(db, 'directory', { clients: { c1: { name: 'changed' } } })
    const meta = { directory: { roleTag: 'shared', disclose: { name: true } } }
    const made = await exportBundle(db, { party: 'bob', vaults: exportsOfPlan(plan, meta) })
    const { sender, compartments } = verifyContainer(made.container)
    expect(sender).toMatchObject({ counts: { records: 6, compartments: 3 } })
    expect(
      compartments.map(({ entry: { name, roleTag, collections } }) => [name, roleTag, collections]),
    ).toEqual([
      [undefined, undefined, undefined],
      ['directory', 'shared', undefined],
      [undefined, undefined, undefined],
    ])
    const [, directory] = compartments
    const content = await decryptExtractedPartition(directory!.inner, made.keys[directory!.entry.handle]!)
    expect(content['clients']?.map(({ record }) => record['name'])).toEqual(['Rossi'])
    const asked = { party: 'bob', collection: 'clients', ids: ['c1'] }
    const [base] = await readBases(await open('directory'), asked, pace(undefined))
    expect(base?.row?.body).toEqual({ id: 'c1', name: 'Rossi' })
  })

  it('is not made of one that dangles', async () => {
    const { db, open } = await openBilling()
    await fill(db, 'books', { invoices: { i1: { clientId: 'gone' } } })
    const plan = await walkCrossVaultClosure(open, { seed, crossVaultRefs })
    expect(() => exportsOfPlan(plan)).toThrow(CrossVaultDanglingRefError)
  })
})
