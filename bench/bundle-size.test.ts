/** The one figure of the benches that is asserted, because others plan with it: what a bundle weighs. */
import { createNoydb } from '@noy-db/hub'
import { decryptExtractedPartition, extractPartition } from '@noy-db/hub/bundle'
import { expect, it } from 'vitest'
import { makeInvoices } from './lib/invoices.ts'

it('packs 10,000 invoices into less than 0.6 MB, a fifth of format 1', async () => {
  const vault = await (await createNoydb({ user: 'ann', encrypt: false })).openVault('books')
  await vault
    .collection('invoices')
    .putMany(makeInvoices(10_000).map((record) => ({ id: record.id, record })))
  const seeds = { invoices: () => true }
  const small = await extractPartition(vault, { seeds, bodyFormat: 2 })
  const large = await extractPartition(vault, { seeds })
  expect(small.bundleBytes.length).toBeLessThan(600_000)
  expect(large.bundleBytes.length).toBeGreaterThan(5 * small.bundleBytes.length)
  const [fromSmall, fromLarge] = [
    await decryptExtractedPartition(small.bundleBytes, small.transferKey),
    await decryptExtractedPartition(large.bundleBytes, large.transferKey),
  ]
  expect(fromSmall).toEqual(fromLarge)
})
