/** Two offices: what the first sends, and a second that received it once, edited a tenth, and gets it again. */
import { applyImport, exportBundle, ownIdentity, planImport, type ImportPlan } from '@klum-db/lobby'
import { makeInvoices } from './invoices.ts'
import { removeFile, scratchFile } from './scratch.ts'
import { openWorkspace, VAULT, type Workspace } from './workspace.ts'

export interface Sent {
  readonly container: Uint8Array
  readonly keys: Readonly<Record<string, Uint8Array>>
}

export interface Bundles {
  readonly first: Sent
  /** Every record of the first with another status. */
  readonly second: Sent
}

const made = new Map<number, Promise<Bundles>>()

export function bundlesOf(count: number): Promise<Bundles> {
  const known = made.get(count) ?? makeBundles(count)
  made.set(count, known)
  return known
}

async function makeBundles(count: number): Promise<Bundles> {
  const file = scratchFile()
  const sender = await openWorkspace({ file, user: 'sender' })
  await ownIdentity(sender.db, { party: 'sending office' })
  await putAll(sender, count)
  const first = await send(sender)
  await putAll(sender, count, 'settled')
  const second = await send(sender)
  await sender.close()
  removeFile(file)
  return { first, second }
}

export async function putAll({ invoices }: Workspace, count: number, status?: string): Promise<void> {
  const records = makeInvoices(count).map((made) => (status === undefined ? made : { ...made, status }))
  await invoices.putMany(records.map((record) => ({ id: record.id, record })))
}

export async function send({ db }: Workspace): Promise<Sent> {
  return exportBundle(db, { party: 'receiving office', vaults: [{ vault: VAULT }] })
}

export function plan({ db }: Workspace, { container, keys }: Sent): Promise<ImportPlan> {
  const into = Object.fromEntries(Object.keys(keys).map((handle) => [handle, VAULT]))
  return planImport(db, { container, keys, into, strategy: 'three-way' })
}

/** The receiving office has the first bundle, and has changed a tenth of the records since. */
export async function receiveFirst(workspace: Workspace, count: number): Promise<void> {
  const { first } = await bundlesOf(count)
  await applyImport(workspace.db, await plan(workspace, first))
  await putAll(workspace, conflictsOf(count), 'disputed')
}

export function conflictsOf(count: number): number {
  return count / 10
}
