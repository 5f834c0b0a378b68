/** The base rows an export adds: one for every record whose body was not exchanged with that party as it is now. */
import type { LongWork, SidecarKey } from '@noy-db/hub'
import type { Body } from '../import/types.ts'
import { jsonEquals } from '@noy-db/hub/kernel'
import { pace } from '../pace.ts'
import { readBases, type BaseRow } from './bases.ts'
import type { PackedVault } from './pack-vault.ts'

export interface SentBase {
  readonly key: SidecarKey
  readonly row: BaseRow
}

export interface ExchangeNote {
  readonly party: string
  readonly exchangeId: string
  readonly at: string
}

export async function sentBases(
  packed: PackedVault,
  exchange: ExchangeNote,
  work?: LongWork,
): Promise<SentBase[]> {
  const slices = pace(work)
  const changed: SentBase[] = []
  for (const [collection, rows] of Object.entries(packed.content)) {
    const asked = { party: exchange.party, collection, ids: rows.map(({ id }) => id) }
    const known = await readBases(packed.vault, asked, slices)
    for (const [at, { id, record, version, ts }] of rows.entries()) {
      await slices.step()
      const body: Body = record
      const slot = known[at] ?? null
      if (slot === null || jsonEquals(slot.row?.body, body)) continue
      const row: BaseRow = { ...exchange, recordId: id, version, body, direction: 'sent', originTime: ts }
      changed.push({ key: slot.key, row })
    }
  }
  return changed
}
