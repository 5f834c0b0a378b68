import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { makeBooks } from '../demo/books.ts'
import { readSample } from '../demo/sample.ts'
import { callContext, passphrase, resourcesDir, testConsole } from './fixture.ts'

test('the books of the demo are the same every time, and their sums hold', async () => {
  const sample = await readSample(resourcesDir)
  const [client] = sample.clients
  if (client === undefined) throw new Error('no client')
  const books = makeBooks(sample, client, 0)
  expect(makeBooks(sample, client, 0)).toEqual(books)
  const invoices = books.filter(({ collection }) => collection === 'invoices').map(({ record }) => record)
  expect(invoices.length).toBeGreaterThan(40)
  for (const { net, vat, total } of invoices) expect(Number(net) + Number(vat)).toBe(total)
  expect(new Set(books.map(({ collection, id }) => `${collection}/${id}`)).size).toBe(books.length)
}, 60_000)

test('the demo firm can take its two good bundles and is warned of the third', async () => {
  const console = testConsole()
  const context = callContext()
  const wanted = { firmName: 'Alder & Co', userName: 'Anna Berger', passphrase, demo: true }
  const { demo } = await console.workspace.create(wanted, () => undefined)
  expect(demo?.bundles.map(({ bundle }) => basename(bundle))).toEqual([
    '1-two-clients.noydb',
    '2-one-client.noydb',
    '3-damaged.noydb',
  ])
  const clients = await console.clients.list()
  expect(clients).toHaveLength(12)
  expect(clients.every(({ records, access }) => records > 80 && access === 'open')).toBe(true)

  for (const { bundle, keys } of demo?.bundles.slice(0, 2) ?? []) {
    const [file, keyFile] = [
      await console.files.register(bundle, 'bundle'),
      await console.files.register(keys, 'keys'),
    ]
    const { compartments } = await console.imports.inspect(file.handle)
    const into = compartments.map(({ handle, suggestedVaultId }) => {
      return { handle, vaultId: suggestedVaultId ?? undefined, strategy: 'three-way' as const }
    })
    const plan = await console.imports.plan(
      { bundle: file.handle, keys: { handle: keyFile.handle }, into },
      context,
    )
    expect(plan.counts.refuse).toBe(0)
    expect(plan.counts).toMatchObject({ insert: compartments.length === 2 ? 5 : 1 })
    await console.imports.apply({ planId: plan.planId, exclude: [] }, context)
  }
  const { rows, total } = await console.conflicts.list({ filter: { status: 'open' }, offset: 0, limit: 100 })
  expect(total).toBe(16)
  expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(['edited-by-both', 'deleted-here']))

  const damaged = await console.files.register(demo?.bundles[2]?.bundle ?? '', 'bundle')
  await expect(console.imports.inspect(damaged.handle)).rejects.toMatchObject({ code: 'BUNDLE_DAMAGED' })
}, 60_000)
