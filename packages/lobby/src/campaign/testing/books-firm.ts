/** For the tests of campaigns: a firm whose bills get minor units with version 2 of their template. */
import { coordinatedCutover, type NoydbStore, type StandardSchemaV1 } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { openFirm, type Firm, type FirmOptions } from '../../federation/fixture-firm.ts'
import type { VaultTemplate } from '../../federation/types.ts'

type Body = Record<string, unknown>
type Schema = StandardSchemaV1<unknown, Body>

const oldBill: Schema = z.object({ client: z.string(), net: z.number() })
const newBill: Schema = z.object({ client: z.string(), netMinor: z.number() })

/** Notices a bill that comes a second time. */
function toMinor({ net, ...rest }: Body): Body {
  if (typeof net !== 'number') throw new Error('transformed twice')
  return { ...rest, netMinor: Math.round(net * 100) }
}

const books: VaultTemplate = {
  version: 1,
  configure: (vault) => void vault.collection('bills', { schema: oldBill, persistJsonSchema: true }),
}

/** Version 2; bills of the clients in `faulty` cannot be brought along. */
export function newBooks(faulty: ReadonlySet<string> = new Set()): VaultTemplate {
  const transform = (bill: Body): Body => {
    if (faulty.has(String(bill['client']))) throw new Error(`${String(bill['client'])} cannot be read`)
    return toMinor(bill)
  }
  const schemaUpdate = [coordinatedCutover({ transform })]
  const options = { schema: newBill, persistJsonSchema: true, schemaUpdate }
  return { version: 2, configure: (vault) => void vault.collection('bills', options) }
}

/** A shard of each client with so many bills, net 1, 2, 3, …, at version 1. */
async function fillBooks(counts: Readonly<Record<string, number>>, store: NoydbStore): Promise<void> {
  const { group, db } = await openFirm({ store, template: books, history: true, audit: true })
  for (const [client, count] of Object.entries(counts)) {
    const vault = await group.createShard(client)
    const rows = Array.from({ length: count }, (_, at) => ({
      id: `${client}-${at}`,
      record: { client, net: at + 1 },
    }))
    await vault.collection<Body>('bills').putMany(rows)
    await vault._drainPendingSchemaWrites()
  }
  db.close()
}

/** The firm by the next program. */
export async function openNext(store: NoydbStore, options: FirmOptions = {}): Promise<Firm> {
  const firm = await openFirm({ store, template: newBooks(), history: true, audit: true, ...options })
  onTestFinished(() => firm.db.close())
  return firm
}

export async function behind(
  counts: Readonly<Record<string, number>>,
  options: FirmOptions = {},
): Promise<Firm> {
  const { store = memory() } = options
  await fillBooks(counts, store)
  return openNext(store, options)
}

export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'campaign-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Registered versions by partition key. */
export async function versionsOf({ group }: Firm): Promise<Record<string, number>> {
  return Object.fromEntries((await group.allRows()).map((row) => [row.partitionKey, row.schemaVersion]))
}

/** Stored bodies of a client, past any schema, in id order. */
export async function billsOf({ db }: Firm, client: string): Promise<Body[]> {
  const vault = await db.openVault(`firm--${client}`, { create: false })
  const inside = vault._introspectState()
  const ids = (await inside.adapter.list(vault.name, 'bills')).sort()
  if (ids.length > 0) await inside.getDEK('bills')
  const bodies: Body[] = []
  for (const id of ids) {
    const envelope = await inside.adapter.get(vault.name, 'bills', id)
    if (envelope !== null) bodies.push(inside.openEnvelope('bills', id, envelope) as Body) // as the fixture wrote it
  }
  return bodies
}
