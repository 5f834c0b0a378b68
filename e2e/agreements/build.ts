/**
 * A firm and its bookkeeper, each with a workspace of its own and with the same client in it.
 *
 *   node e2e/agreements/build.ts FOLDER
 */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { makeOffice } from '../offices/office.ts'

const passphrase = 'two offices one client'

const invoices = [
  { id: '10248', customerName: 'Vins et alcools Chevalier', total: 44_000 },
  { id: '10249', customerName: 'Toms Spezialitäten', total: 186_340 },
  { id: '10250', customerName: 'Hanari Carnes', total: 155_260 },
]

async function makeBooks(file: string, firmName: string, userName: string): Promise<void> {
  const office = await makeOffice({ file, firmName, userName, passphrase })
  const { vaultId } = await office.clients.create({ name: 'Northwind Traders', key: 'northwind' })
  for (const { id, ...rest } of invoices) {
    const record = { number: id, issueDate: '2026-05-03', currency: 'EUR', lines: [], ...rest }
    await office.clients.saveRecord({ vaultId, collection: 'invoices', id, record, expectedVersion: 0 })
  }
  await office.close()
}

const [, , folder] = process.argv
if (folder === undefined) throw new Error('Name the folder to build in.')
await mkdir(folder, { recursive: true })
await makeBooks(path.join(folder, 'workspace.lobby'), 'Alder & Co', 'Anna Berger')
await makeBooks(path.join(folder, 'books.lobby'), 'Harbour Bookkeeping', 'Kim Keeper')
