/** Two offices that share a client, and what one hands to the other. */
import type { InputOf } from '../../../src-shared/ipc/contract.ts'
import type { KeyChoice } from '../../../src-shared/ipc/exports.ts'
import { callContext, invoice, newWorkspace, type TestConsole } from './fixture.ts'

export const key = (vaultId: string, id = 'inv-1') => ({ vaultId, collection: 'invoices', id })
export const context = callContext()

/** Hands what one console made to another, as a person with a memory stick would. */
export async function handOver(
  from: TestConsole,
  to: TestConsole,
  party: string,
  vaults: string[],
  chosen: KeyChoice = { form: 'file' },
  more: { deletions?: boolean } = {},
) {
  const made = await from.exports.create({ party, vaults, key: chosen, ...more }, context)
  const take = async (handle: string, purpose: 'bundle' | 'keys') => {
    const { name, bytes } = await from.files.read(handle)
    return (await to.files.receive(onePiece(bytes), { name, purpose })).handle
  }
  return {
    bundle: await take(made.bundle.handle, 'bundle'),
    keys: { handle: await take(made.keys.handle, 'keys') },
  }
}

export async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** @param override why it is saved against a rule */
export async function save(
  console: TestConsole,
  vaultId: string,
  id: string,
  change: object,
  override?: string,
): Promise<void> {
  const before = await console.clients.record(key(vaultId, id)).catch(() => null)
  const record = { ...(before?.record ?? invoice), ...change }
  const edit = { ...key(vaultId, id), record, expectedVersion: before?.version ?? 0, override }
  await console.clients.saveRecord(edit)
}

export type Handed = Pick<InputOf<'imports.plan'>, 'bundle' | 'keys'>

export async function plan(
  console: TestConsole,
  handed: Handed,
  target: { vaultId?: string; newClientName?: string },
) {
  const view = await console.imports.inspect(handed.bundle)
  const handle = view.compartments[0]?.handle ?? ''
  const into = [{ handle, strategy: 'three-way' as const, ...target }]
  return console.imports.plan({ ...handed, into }, context)
}

/** Two offices that exchanged one client with three invoices, and both went on working. */
export async function twoOffices() {
  const firm = await newWorkspace('Alder & Co')
  const books = await newWorkspace('Harbour Bookkeeping')
  const { vaultId } = await firm.clients.create({ name: 'Chevalier', key: 'VINET' })
  for (const number of ['1', '2', '3']) await save(firm, vaultId, `inv-${number}`, { number })
  const sent = await handOver(firm, books, 'Harbour Bookkeeping', [vaultId])
  const planned = await plan(books, sent, { newClientName: 'Chevalier' })
  const receipt = await books.imports.apply({ planId: planned.planId, exclude: [] }, context)
  const there = receipt.perVault[0]?.vault ?? ''
  return { firm, books, vaultId, there, planned, receipt }
}
