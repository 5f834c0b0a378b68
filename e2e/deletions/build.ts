/**
 * A bookkeeper (`workspace.lobby`) who shares a client with a firm (`firm.lobby`), and has deleted three of its invoices
 * since; the firm has changed one of the three.
 *
 *   node e2e/deletions/build.ts FOLDER
 */
import path from 'node:path'
import type { Console } from '../../src-main/console/console.ts'
import { exportFiles, importFiles, makeOffice } from '../offices/office.ts'

const passphrase = 'a letter with no name'

async function buildDeletions(folder: string): Promise<void> {
  const at = (name: string): string => path.join(folder, name)
  const office = { firmName: 'Harbour Bookkeeping', userName: 'Kim Keeper', passphrase }
  const books = await makeOffice({ ...office, file: at('workspace.lobby') })
  const firm = await makeOffice({
    file: at('firm.lobby'),
    firmName: 'Alder & Co',
    userName: 'Anna Berger',
    passphrase,
  })
  const { vaultId } = await books.clients.create({ name: 'Chevalier', key: 'VINET' })
  for (const number of ['10248', '10249', '10250', '10251']) await save(books, vaultId, number)
  await importFiles(firm, await exportFiles(books, 'Alder & Co', [vaultId], at('first')), 'three-way')
  const [client] = await firm.clients.list()
  await save(firm, client?.vaultId ?? '', '10250', 'still needed', 1)
  await books.session.use(async (open) => {
    const invoices = (await open.vault(vaultId)).collection('invoices')
    for (const number of ['10248', '10249', '10250']) await invoices.delete(number)
  })
  await books.close()
  await firm.close()
}

async function save(at: Console, vaultId: string, number: string, notes = '', expectedVersion = 0) {
  const record = {
    number,
    customerName: 'Vins et alcools Chevalier',
    issueDate: '2026-05-03',
    currency: 'EUR',
    lines: [],
    total: 29838,
    notes,
  }
  await at.clients.saveRecord({ vaultId, collection: 'invoices', id: number, record, expectedVersion })
}

const [, , folder] = process.argv
if (folder === undefined) throw new Error('Name the folder to build in.')
await buildDeletions(folder)
