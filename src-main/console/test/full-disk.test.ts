import { expect, test } from 'vitest'
import { callContext, invoice, newWorkspace, passphrase, testConsole, type TestConsole } from './fixture.ts'
import { forge } from './forge.ts'
import { changedRows, rawRows } from './raw-rows.ts'

const context = callContext()

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** Plans an import of five hundred invoices into a client that exists. */
async function planLarge(console: TestConsole): Promise<string> {
  const rows = Array.from({ length: 500 }, (_, n) => {
    const id = `inv-${n}`
    return { id, text: JSON.stringify({ ...invoice, id, number: id }) }
  })
  const files = forge({ rows })
  const receive = async (bytes: Uint8Array, purpose: 'bundle' | 'keys') =>
    (await console.files.receive(onePiece(bytes), { name: purpose, purpose })).handle
  const bundle = await receive(files.bundle, 'bundle')
  const keys = { handle: await receive(Buffer.from(files.keys), 'keys') }
  const { compartments } = await console.imports.inspect(bundle)
  const [client] = await console.clients.list()
  const into = compartments.map(({ handle }) => ({
    handle,
    vaultId: client?.vaultId ?? '',
    strategy: 'manual-queue' as const,
  }))
  return (await console.imports.plan({ bundle, keys, into }, context)).planId
}

test('a disk that fills in the middle of an import leaves the workspace as it was, and usable', async () => {
  const first = await newWorkspace()
  const { vaultId } = await first.clients.create({ name: 'Chevalier', key: 'VINET' })
  await first.close()

  const full = testConsole({ file: first.file, storageFaults: { growthPages: 40 } }, first.folder)
  await full.workspace.unlock(passphrase)
  const planId = await planLarge(full)
  const before = await rawRows(full)
  await expect(full.imports.apply({ planId, exclude: [] }, context)).rejects.toMatchObject({
    code: 'STORE_FULL',
  })
  expect(changedRows(before, await rawRows(full))).toEqual([])
  expect(await full.imports.list()).toEqual([])
  const key = { vaultId, collection: 'invoices', id: 'small' }
  await full.clients.saveRecord({ ...key, record: { ...invoice, id: 'small' }, expectedVersion: 0 })
  await full.close()

  const roomy = testConsole({ file: first.file }, first.folder)
  await roomy.workspace.unlock(passphrase)
  const receipt = await roomy.imports.apply({ planId: await planLarge(roomy), exclude: [] }, context)
  expect(receipt.counts).toMatchObject({ insert: 500 })
  expect((await roomy.clients.record(key)).version).toBe(1)
})
