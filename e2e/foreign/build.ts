/**
 * A firm with two clients and nothing in them: what comes, comes from files of other programs, such as `bank.db` here.
 *
 *   node e2e/foreign/build.ts FOLDER
 */
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
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

const bank = new DatabaseSync(path.join(folder, 'bank.db'))
bank.exec(`
  CREATE TABLE accounts(id INTEGER PRIMARY KEY, iban TEXT);
  INSERT INTO accounts VALUES (1, 'NL91ABNA0417164300');
  CREATE TABLE bookings(id INTEGER PRIMARY KEY, date TEXT, amount REAL, currency TEXT, purpose TEXT);
  INSERT INTO bookings VALUES (1, '2026-05-04', 1234.5, 'EUR', 'R-1'), (2, '2026-05-05', -0.1, 'EUR', 'R-2');
`)
bank.close()
