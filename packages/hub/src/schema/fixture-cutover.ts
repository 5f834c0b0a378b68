/** For the tests of cutovers: invoices whose amount becomes minor units, and a clock that can be moved. */
import { session } from '../noydb/test-session.ts'
import type { Noydb } from '../noydb/noydb.ts'
import type { CoordinatedCutoverOptions } from '../types/schema.ts'
import type { NoydbStore } from '../types/store.ts'
import type { NoydbOptions } from '../types/vault.ts'
import type { Vault } from '../vault/vault.ts'
import { jsonSchemaValidator } from './json-schema-validator.ts'
import { coordinatedCutover } from './strategies.ts'

export const oldInvoice = jsonSchemaValidator<{ number: string; amount: number }>({
  type: 'object',
  properties: { number: { type: 'string' }, amount: { type: 'number' } },
  required: ['number', 'amount'],
})

export type NewInvoice = { number: string; cents: number }

const newInvoice = jsonSchemaValidator<NewInvoice>({
  type: 'object',
  properties: { number: { type: 'string' }, cents: { type: 'integer' } },
  required: ['number', 'cents'],
  additionalProperties: false,
})

/** Fails on a record it has seen, so that a record transformed twice is noticed. */
export function toCents(doc: Record<string, unknown>): Record<string, unknown> {
  const { amount, ...rest } = doc
  if (typeof amount !== 'number') throw new Error('transformed twice')
  return { ...rest, cents: Math.round(amount * 100) }
}

export interface OpenOptions extends Partial<NoydbOptions> {
  vault?: string
  how?: CoordinatedCutoverOptions
}

/** A vault with invoices of the old shape, its schema stored. */
export async function seed(store: NoydbStore, count: number, options: OpenOptions = {}): Promise<Noydb> {
  const { vault: name = 'v', how: _how, ...rest } = options
  const db = await session(store, rest)
  const vault = await db.openVault(name)
  const invoices = vault.collection('invoices', { schema: oldInvoice, persistJsonSchema: true })
  const rows = Array.from({ length: count }, (_, n) => ({
    id: `i${n}`,
    record: { number: `2026-${n}`, amount: n + 0.5 },
  }))
  await invoices.putMany(rows)
  await vault._drainPendingSchemaWrites()
  return db
}

/** The next session, which declares the new shape and how to get there. */
export async function openNew(store: NoydbStore, options: OpenOptions = {}) {
  const { vault: name = 'v', how = { transform: toCents }, ...rest } = options
  const db = await session(store, rest)
  const vault = await db.openVault(name)
  const invoices = declareNew(vault, how)
  await vault._drainPendingSchemaWrites()
  return { db, vault, invoices }
}

export function declareNew(vault: Vault, how: CoordinatedCutoverOptions) {
  return vault.collection('invoices', {
    schema: newInvoice,
    persistJsonSchema: true,
    schemaUpdate: [coordinatedCutover(how)],
  })
}

/** What `seed(count)` becomes. */
export function expectedInvoices(count: number): NewInvoice[] {
  return Array.from({ length: count }, (_, n) => ({ number: `2026-${n}`, cents: n * 100 + 50 }))
}
