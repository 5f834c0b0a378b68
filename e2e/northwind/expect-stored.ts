/** What must be in the firm's file at each point of the month end, computed from the tables. */
import { expect } from 'playwright/test'
import { decidedRecord, expectedConflicts } from './decisions.ts'
import { addedInvoice, sharedClients } from './edits.ts'
import { northwindClients } from './records.ts'
import type { StoredContents, StoredRows } from './stored.ts'

const sharedVaults = (): Set<string> =>
  new Set(sharedClients(northwindClients()).map(({ customerId }) => `clients--${customerId}`))

const addedRows = (): string[] =>
  sharedClients(northwindClients()).map(
    (client, nth) => `clients--${client.customerId}/invoices/${addedInvoice(client, nth).id}`,
  )

/** After the imports: no stored record changed, five came, and the clients that were not shared are as they were. */
export function expectOnlyAdded(before: StoredRows, after: StoredRows): void {
  expect(recordChanges(before, after)).toEqual({ changed: [], removed: [], added: addedRows().sort() })
  expect(otherClients(after)).toEqual(otherClients(before))
}

/** Exactly the sixty, open, each with the version both sides last had in common. */
export function expectQueued({ conflicts }: StoredContents): void {
  const found = conflicts.map(
    ({ recordId, vault, collection, status, kind, baseKnown, base, ours, theirs }) => {
      return { recordId, vault, collection, status, kind, baseKnown, base, ours, theirs }
    },
  )
  const wanted = expectedConflicts().map(({ id, customerId, base, ours, theirs }) => ({
    recordId: id,
    vault: `clients--${customerId}`,
    collection: 'invoices',
    status: 'open',
    kind: 'edited-by-both',
    baseKnown: true,
    base,
    ours,
    theirs,
  }))
  expect(found.sort(byRecord)).toEqual(wanted.sort(byRecord))
}

/**
 * After the decisions: every record of every client, and only the rows of decided records rewritten.
 * @param undone the invoice whose decision was taken back once: its row was written and restored.
 */
export function expectDecided(
  before: StoredRows,
  after: StoredRows,
  contents: StoredContents,
  undone: string,
): void {
  const decided = expectedConflicts()
  const rewritten = decided
    .filter((conflict) => conflict.id === undone || !same(decidedRecord(conflict), conflict.ours))
    .map(({ id, customerId }) => `clients--${customerId}/invoices/${id}`)
  expect(recordChanges(before, after)).toEqual({
    changed: rewritten.sort(),
    removed: [],
    added: addedRows().sort(),
  })
  expect(otherClients(after)).toEqual(otherClients(before))

  const byId = new Map(decided.map((conflict) => [conflict.id, decidedRecord(conflict)]))
  const shared = sharedClients(northwindClients())
  for (const client of northwindClients()) {
    const wanted = Object.fromEntries(
      [...client.invoices].map(([id, record]) => [id, byId.get(id) ?? record]),
    )
    const nth = shared.findIndex(({ customerId }) => customerId === client.customerId)
    if (nth >= 0) {
      const { id, record } = addedInvoice(client, nth)
      wanted[id] = { ...record }
    }
    expect(contents.invoices[client.company], client.company).toEqual(wanted)
    expect(contents.contacts[client.company]).toEqual({ [client.customerId]: client.contact })
  }
  const states = contents.conflicts.map(({ recordId, status }) => `${recordId} ${status}`)
  expect(states.sort()).toEqual(decided.map(({ id }) => `${id} decided`).sort())
}

/** Rows of invoices and contacts that differ between two moments. */
export function recordChanges(before: StoredRows, after: StoredRows) {
  const isRecord = (key: string): boolean => /^clients--[^/]+\/[^_]/.test(key)
  const was = Object.keys(before).filter(isRecord)
  const is = Object.keys(after).filter(isRecord)
  return {
    changed: was.filter((key) => key in after && after[key] !== before[key]).sort(),
    removed: was.filter((key) => !(key in after)).sort(),
    added: is.filter((key) => !(key in before)).sort(),
  }
}

/** Everything stored for clients that were never shared: records, history, chains and keys. */
function otherClients(rows: StoredRows): StoredRows {
  const shared = sharedVaults()
  return Object.fromEntries(
    Object.entries(rows).filter(([key]) => {
      const [vault = ''] = key.split('/')
      return vault.startsWith('clients--') && !shared.has(vault)
    }),
  )
}

function byRecord(a: { recordId: string }, b: { recordId: string }): number {
  return a.recordId.localeCompare(b.recordId)
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
