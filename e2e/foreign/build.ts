/**
 * A firm with two clients and nothing in them: what comes, comes from files of other programs.
 *
 *   node e2e/foreign/build.ts FOLDER
 */
import path from 'node:path'
import { passphrase } from '../northwind/build.ts'
import { makeOffice } from '../offices/office.ts'

const [, , folder] = process.argv
if (folder === undefined) throw new Error('Name the folder to build in.')
const firm = await makeOffice({
  file: path.join(folder, 'workspace.lobby'),
  firmName: 'Kestrel & Co',
  userName: 'Ada Accountant',
  passphrase,
})
await firm.clients.create({ name: 'Northwind Traders', key: 'northwind' })
await firm.clients.create({ name: 'Salescompany', key: 'sales' })
await firm.close()
