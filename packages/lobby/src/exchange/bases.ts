/**
 * The last body exchanged with a party, per record: sidecar `_bases`, under the DEK of the record's collection.
 * The key is a hash, so that the store does not learn who was sent what; ids of any length fit.
 */
import type { SidecarKey, VaultApi } from '@noy-db/hub'
import { hashJson } from '../canonical-json.ts'
import type { Body } from '../import/types.ts'
import type { Pace } from '../pace.ts'
import { readMany } from '../sidecar-rows.ts'

export const BASES = '_bases'

export interface BaseRow {
  readonly party: string
  readonly exchangeId: string
  readonly recordId: string
  /** The record's version here that holds this body; 0 where none does. */
  readonly version: number
  readonly body: Body
  readonly direction: 'sent' | 'received'
  /** When the exchange took place here. */
  readonly at: string
  /** When the received body was written at its origin. */
  readonly originTime?: string
}

export function baseKey(party: string, collection: string, recordId: string): SidecarKey {
  return { collection, key: hashJson([party, recordId]).slice(0, 40) }
}

/** In the order of `ids`. Without a party there is no base: another sender's body would be taken for this one's. */
export async function readBases(
  vault: VaultApi,
  { party, collection, ids }: { party: string | null; collection: string; ids: readonly string[] },
  slices: Pace,
): Promise<Array<BaseRow | null>> {
  if (party === null) return ids.map(() => null)
  const keys = ids.map((id) => baseKey(party, collection, id))
  const stored = await readMany(vault.sidecar<BaseRow>(BASES), keys, slices)
  return stored.map((found) => found?.row ?? null)
}
