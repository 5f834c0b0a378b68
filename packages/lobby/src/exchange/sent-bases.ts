/** The base rows an export changes: of every record the party is not known to have as it is sent now. */
import type { LongWork, SidecarKey } from '@noy-db/hub'
import { pace, type Pace } from '../pace.ts'
import { baseRow, chainOf, readBases, type BaseRow, type BaseSlot } from './bases.ts'
import type { TookOf } from './answers.ts'
import type { CompartmentNotes } from './compartment-notes.ts'
import { afterSending, type Exchanged } from './exchanged.ts'
import type { PackedVault } from './pack-vault.ts'

export interface SentBase {
  readonly key: SidecarKey
  readonly row: BaseRow
}

export interface ExchangeNote {
  readonly party: string
  readonly exchangeId: string
  readonly at: string
  readonly tookOf: TookOf
}

export type NotedVault = PackedVault & { readonly notes: CompartmentNotes }

type SentRecord = { readonly id: string } & Pick<Exchanged, 'body' | 'version'> & { readonly ts: string }

export async function sentBases(
  packed: Pick<NotedVault, 'vault' | 'content' | 'notes'>,
  exchange: ExchangeNote,
  work?: LongWork,
): Promise<SentBase[]> {
  const slices = pace(work)
  const changed: SentBase[] = []
  for (const [collection, records] of sentRecords(packed)) {
    const asked = { party: exchange.party, collection, ids: records.map(({ id }) => id) }
    const known = await readBases(packed.vault, asked, slices)
    const took = (id: string): ReadonlySet<string> => exchange.tookOf(packed.vault.name, collection, id)
    changed.push(...(await changedBases(records, known, { ...exchange, took }, slices)))
  }
  return changed
}

/** What is unsettled is not noted: the receiver leaves it alone. */
function sentRecords({ content, notes }: Pick<NotedVault, 'content' | 'notes'>): Map<string, SentRecord[]> {
  const unsettled = new Set(notes.unsettled.map(({ collection, id }) => `${collection}/${id}`))
  const sent = new Map<string, SentRecord[]>()
  for (const [collection, rows] of Object.entries(content)) {
    const settled = rows.filter(({ id }) => !unsettled.has(`${collection}/${id}`))
    const records = settled.map(({ id, record, version, ts }) => ({ id, body: record, version, ts }))
    sent.set(collection, records)
  }
  for (const { collection, id, at } of notes.deleted) {
    const records = sent.get(collection) ?? []
    records.push({ id, body: null, version: 0, ts: at })
    sent.set(collection, records)
  }
  return sent
}

async function changedBases(
  records: readonly SentRecord[],
  known: readonly (BaseSlot | null)[],
  {
    party,
    exchangeId,
    at: sentAt,
    took,
  }: ExchangeNote & { readonly took: (id: string) => ReadonlySet<string> },
  slices: Pace,
): Promise<SentBase[]> {
  const changed: SentBase[] = []
  for (const [at, { id, body, version, ts }] of records.entries()) {
    await slices.step()
    const slot = known[at] ?? null
    if (slot === null) continue
    const before = chainOf(slot.row)
    const sent: Exchanged = { exchangeId, version, body, direction: 'sent', at: sentAt, originTime: ts }
    const after = afterSending(before, sent, took(id))
    const row = after === before ? null : baseRow(party, id, after)
    if (row !== null) changed.push({ key: slot.key, row })
  }
  return changed
}
