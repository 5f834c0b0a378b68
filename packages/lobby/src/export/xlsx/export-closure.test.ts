import { read, utils } from '@e965/xlsx'
import { ExportCapabilityError, NoAccessError, type Noydb } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { beforeEach, describe, expect, it } from 'vitest'
import { fill, openOffice } from '../../fixture-office.ts'
import { createLobby, type Lobby } from '../../lobby.ts'
import type { ExportMultiVaultXlsxOptions } from './export-closure.ts'

const toClients = {
  from: { collection: 'invoices', field: 'clientId' },
  to: { vault: 'directory', collection: 'clients' },
}

/** Two invoices of two clients, and a directory that all clients share. */
const options: ExportMultiVaultXlsxOptions = {
  primary: { vault: 'books', seeds: { invoices: ({ id }) => id === 'i1' } },
  crossVaultRefs: [toClients],
  sheets: {
    directory: [{ name: 'clients', collection: 'clients' }],
    books: [
      {
        name: 'invoices',
        collection: 'invoices',
        columns: ['id'],
        denormalize: [
          {
            column: 'client',
            localField: 'clientId',
            from: { label: 'directory', collection: 'clients', keyField: 'id', pick: 'name' },
          },
        ],
      },
      { name: 'notes', collection: 'notes' },
    ],
  },
}

const store = { now: memory() }
let db: Noydb
let lobby: Lobby

async function reopen(): Promise<void> {
  db = await openOffice('ada', store.now)
  lobby = createLobby(db)
}

async function allow(vaults: readonly string[]): Promise<void> {
  for (const vault of vaults)
    await db.setExportCapability(vault, { userId: 'ada', exportCapability: { plaintext: ['xlsx'] } })
  await reopen()
}

beforeEach(async () => {
  store.now = memory()
  await reopen()
  await fill(db, 'books', {
    invoices: { i1: { clientId: 'c1' }, i2: { clientId: 'c2' } },
    notes: { n1: { text: 'of nobody' } },
  })
  await fill(db, 'directory', {
    clients: { c1: { name: 'Rossi' }, c2: { name: 'Verdi' }, c3: { name: 'Neri' } },
  })
})

function sheets(bytes: Uint8Array): Record<string, unknown[][]> {
  const book = read(bytes)
  return Object.fromEntries(
    Object.entries(book.Sheets).map(([name, one]) => [name, utils.sheet_to_json(one, { header: 1 })]),
  )
}

describe('exportMultiVaultXlsx', () => {
  it('has what belongs to the chosen records, sheets in the order they were asked for', async () => {
    await allow(['books', 'directory'])
    const found = sheets(await lobby.exportMultiVaultXlsx(options))
    expect(Object.keys(found)).toEqual(['_manifest', 'directory_clients', 'books_invoices', 'books_notes'])
    expect(found['books_invoices']).toEqual([
      ['id', 'client'],
      ['i1', 'Rossi'],
    ])
    expect(found['directory_clients']?.slice(1)).toEqual([['c1', 'Rossi']])
  })

  it('ignores references that lead nowhere', async () => {
    await fill(db, 'books', { invoices: { i1: { clientId: 'gone' } } })
    await allow(['books', 'directory'])
    const found = sheets(await lobby.exportMultiVaultXlsx(options))
    expect(found['books_invoices']?.slice(1)).toEqual([['i1']])
    expect(found['directory_clients']?.slice(1)).toEqual([])
  })

  it('a vault or collection that nothing refers to exports nothing', async () => {
    await allow(['books', 'directory'])
    const alone = { ...options, crossVaultRefs: [], sheetSeparator: ': ' }
    const found = sheets(await lobby.exportMultiVaultXlsx(alone))
    expect(found['_manifest']?.slice(1)).toEqual([
      ['directory', 'clients', 0],
      ['books', 'invoices', 1],
      ['books', 'notes', 0],
    ])
    expect(Object.keys(found)[1]).toBe('directory_ clients')
    expect(JSON.stringify(found)).not.toMatch(/Rossi|Verdi|Neri|nobody/)
  })

  it.each<[string, Partial<ExportMultiVaultXlsxOptions>]>([
    ['a sheet', { sheets: { direktory: [{ name: 'c', collection: 'clients' }] } }],
    ['the choice', { primary: { ...options.primary, vault: 'direktory' } }],
    ['a reference', { crossVaultRefs: [{ ...toClients, to: { ...toClients.to, vault: 'direktory' } }] }],
  ])('a vault misspelt in %s is refused and not made', async (_where, change) => {
    await allow(['books', 'directory'])
    await expect(lobby.exportMultiVaultXlsx({ ...options, ...change })).rejects.toThrow(NoAccessError)
    expect(await db._store.list('direktory', '_keyring')).toEqual([])
  })

  it('reads no record unless every vault that has a sheet allows it', async () => {
    await allow(['books'])
    const seeds = {
      invoices: () => {
        throw new Error('a record was read')
      },
    }
    const primary = { vault: 'books', seeds }
    await expect(lobby.exportMultiVaultXlsx({ ...options, primary })).rejects.toThrow(ExportCapabilityError)
    db.close()
    await expect(lobby.exportMultiVaultXlsx(options)).rejects.toMatchObject({ code: 'VALIDATION_ERROR' })
  })
})
