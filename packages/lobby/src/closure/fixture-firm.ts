/** A firm for tests: what it bills in one vault, whom it bills in a directory that all clients share. */
import type { Noydb, VaultApi } from '@noy-db/hub'
import { fill, openOffice } from '../fixture-office.ts'
import type { CrossVaultRef } from './types.ts'

export const toClients: CrossVaultRef = {
  from: { collection: 'invoices', field: 'clientId' },
  to: { vault: 'directory', collection: 'clients' },
}
export const toItems: CrossVaultRef = {
  from: { collection: 'invoices', field: 'lines.*.item' },
  to: { vault: 'stock', collection: 'items', field: 'id' },
}
/** Contacts of the directory point back to the invoice they last asked about. */
export const toInvoices: CrossVaultRef = {
  from: { collection: 'contacts', field: 'asked', vault: 'directory' },
  to: { vault: 'books', collection: 'invoices' },
}

export interface Firm {
  readonly db: Noydb
  readonly open: (name: string) => Promise<VaultApi>
}

export async function openBilling(): Promise<Firm> {
  const db = await openOffice('ada')
  await fill(db, 'books', {
    invoices: {
      i1: { clientId: 'c1', lines: [{ item: 'p1' }, { item: '' }, { item: 7 }] },
      i2: { clientId: 'c2', lines: [] },
      i3: { clientId: '', lines: null },
      i4: { clientId: ['c1', 'c3', ''] },
    },
    payments: { y1: { invoiceId: 'i1' }, y2: { invoiceId: 'i2' } },
  })
  await fill(db, 'directory', {
    clients: { c1: { name: 'Rossi' }, c2: { name: 'Verdi' }, c3: { name: 'Bianchi' }, c4: { name: 'Neri' } },
    contacts: { k1: { clientId: 'c1', asked: 'i2' }, k4: { clientId: 'c4', asked: 'i3' } },
  })
  await fill(db, 'stock', { items: { p1: { net: 5 }, 7: { net: 9 }, p2: { net: 1 } } })
  return { db, open: (name) => openDeclared(db, name) }
}

async function openDeclared(db: Noydb, name: string): Promise<VaultApi> {
  const vault = await db.openVault(name, { create: false })
  const strict = (target: string) => ({ target, mode: 'strict' as const })
  if (name === 'books') vault.collection('payments', { refs: { invoiceId: strict('invoices') } })
  if (name === 'directory') vault.collection('contacts', { refs: { clientId: strict('clients') } })
  return vault
}
