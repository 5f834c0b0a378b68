/**
 * Builds the Northwind month end below a folder, with the product's own services on real SQLite files:
 * the firm (89 clients), its bookkeeper (5 of them), and the two bundles the bookkeeper sends back.
 *
 *   node e2e/northwind/build.ts FOLDER
 */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Console } from '../../src-main/console/console.ts'
import type { PutRow } from '@noy-db/hub'
import { addedInvoice, bookkeeperEdit, editedKeys, firmEdit, sharedClients } from './edits.ts'
import { northwindClients, type ClientRecords } from './records.ts'
import { exportFiles, importFiles, makeOffice } from '../offices/office.ts'

export const passphrase = 'month end at northwind'

export async function buildNorthwind(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const clients = northwindClients()
  const shared = sharedClients(clients)
  const firm = await makeOffice({
    file: path.join(folder, 'workspace.lobby'),
    firmName: 'Northwind Accounting',
    userName: 'Robin Reviewer',
    passphrase,
  })
  const bookkeeper = await makeOffice({
    file: path.join(folder, 'bookkeeper.lobby'),
    firmName: 'Desk 2 Bookkeeping',
    userName: 'Kim Keeper',
    passphrase,
  })
  try {
    for (const client of clients) await addClient(firm, client)
    const sent = await send(firm, 'Desk 2 Bookkeeping', shared, path.join(folder, 'to-bookkeeper'))
    await importFiles(bookkeeper, sent, 'take-incoming')
    await editAtBookkeeper(bookkeeper, shared)
    await send(bookkeeper, 'Northwind Accounting', shared.slice(0, 3), path.join(folder, 'from-bookkeeper-1'))
    await send(bookkeeper, 'Northwind Accounting', shared.slice(3), path.join(folder, 'from-bookkeeper-2'))
    await editAtFirm(firm, shared)
  } finally {
    await firm.close()
    await bookkeeper.close()
  }
}

async function addClient(firm: Console, client: ClientRecords): Promise<void> {
  const { vaultId } = await firm.clients.create({ name: client.company, key: client.customerId })
  const contact = [{ id: client.customerId, record: client.contact }]
  await putAll(firm, vaultId, 'contacts', contact)
  await putAll(
    firm,
    vaultId,
    'invoices',
    [...client.invoices].map(([id, record]) => ({ id, record })),
  )
}

async function putAll(
  on: Console,
  vaultId: string,
  collection: string,
  rows: PutRow<unknown>[],
): Promise<void> {
  await on.session.use(async (open) => {
    const vault = await open.vault(vaultId)
    await vault.collection(collection).putMany(rows)
  })
}

async function send(from: Console, party: string, clients: readonly ClientRecords[], stem: string) {
  const ids = await vaultIdsByName(from)
  const vaults = clients.map(({ company }) => ids.get(company) ?? '')
  return exportFiles(from, party, vaults, stem)
}

async function vaultIdsByName(on: Console): Promise<Map<string, string>> {
  return new Map((await on.clients.list()).map(({ name, vaultId }) => [name, vaultId]))
}

async function editAtBookkeeper(bookkeeper: Console, shared: readonly ClientRecords[]): Promise<void> {
  const byId = new Map(shared.map((client) => [client.customerId, client]))
  const ids = await vaultIdsByName(bookkeeper)
  for (const [nth, { customerId, id }] of editedKeys(shared).entries()) {
    const client = known(byId.get(customerId))
    const record = bookkeeperEdit(known(client.invoices.get(id)), nth)
    await putAll(bookkeeper, known(ids.get(client.company)), 'invoices', [{ id, record }])
  }
  for (const [nth, client] of shared.entries()) {
    await putAll(bookkeeper, known(ids.get(client.company)), 'invoices', [addedInvoice(client, nth)])
  }
}

async function editAtFirm(firm: Console, shared: readonly ClientRecords[]): Promise<void> {
  const byId = new Map(shared.map((client) => [client.customerId, client]))
  const ids = await vaultIdsByName(firm)
  for (const [nth, { customerId, id }] of editedKeys(shared).entries()) {
    const client = known(byId.get(customerId))
    const record = firmEdit(known(client.invoices.get(id)), nth)
    if (record !== null) await putAll(firm, known(ids.get(client.company)), 'invoices', [{ id, record }])
  }
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The Northwind tables and the edits do not fit together.')
  return value
}

if (process.argv[1] === import.meta.filename) {
  const [, , folder] = process.argv
  if (folder === undefined) throw new Error('Name the folder to build in.')
  await buildNorthwind(folder)
}
