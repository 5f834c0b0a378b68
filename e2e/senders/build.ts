/**
 * A firm that knows its bookkeeper and has taken their no. 2, and five more files that claim to be from them:
 *
 *   replay  no. 1, which was never brought and now comes late
 *   fork    another no. 2, made from a backup of the bookkeeper's workspace
 *   gap     no. 4, while no. 3 is still on the way
 *   next    that no. 3
 *   claim   a no. 1 signed with another key under the bookkeeper's name
 *
 *   node e2e/senders/build.ts FOLDER
 */
import { copyFile, mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Console } from '../../src-main/console/console.ts'
import { exportFiles, importFiles, makeOffice, openOffice } from '../offices/office.ts'

const passphrase = 'a letter with no name'
const bookkeeper = { firmName: 'Harbour Bookkeeping', userName: 'Kim Keeper', passphrase }
const firmName = 'Alder & Co'

async function buildSenders(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const at = (name: string): string => path.join(folder, name)
  const firm = await makeOffice({
    file: at('workspace.lobby'),
    firmName,
    userName: 'Anna Berger',
    passphrase,
  })
  const books = await makeOffice({ file: at('books.lobby'), ...bookkeeper })
  const vaultId = await addClient(books)
  await send(books, vaultId, at('replay'))
  await books.close()
  await copyFile(at('books.lobby'), at('backup.lobby'))

  const later = await unlocked(at('books.lobby'))
  await importFiles(firm, await send(later, vaultId, at('taken')), 'three-way')
  await send(later, vaultId, at('next'))
  await send(later, vaultId, at('gap'))
  await later.close()

  const restored = await unlocked(at('backup.lobby'))
  await send(restored, vaultId, at('fork'))
  await restored.close()

  const stranger = await makeOffice({ file: at('stranger.lobby'), ...bookkeeper })
  await send(stranger, await addClient(stranger), at('claim'))
  await stranger.close()
  await firm.close()
}

async function unlocked(file: string): Promise<Console> {
  const opened = openOffice(file)
  await opened.workspace.unlock(passphrase)
  return opened
}

async function addClient(on: Console): Promise<string> {
  const { vaultId } = await on.clients.create({ name: 'Chevalier', key: 'VINET' })
  return vaultId
}

/** Each holds one invoice more than the one before. */
async function send(from: Console, vaultId: string, stem: string) {
  const id = path.basename(stem)
  const record = {
    number: id,
    customerName: 'Vins et alcools Chevalier',
    issueDate: '2026-05-03',
    currency: 'EUR',
    lines: [],
    total: 29838,
  }
  await from.clients.saveRecord({ vaultId, collection: 'invoices', id, record, expectedVersion: 0 })
  return exportFiles(from, firmName, [vaultId], stem)
}

const [, , folder] = process.argv
if (folder === undefined) throw new Error('Name the folder to build in.')
await buildSenders(folder)
