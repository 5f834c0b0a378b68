/**
 * The last body exchanged with a party, per record: sidecar `_bases`, under the DEK of the record's collection.
 * The key is a hash, so that the store does not learn who was sent what; ids of any length fit.
 */
import type { SidecarKey, VaultApi } from '@noy-db/hub'
import { sha256 } from '../canonical-json.ts'
import type { Pace } from '../pace.ts'
import { READ_AT_ONCE } from '../sidecar-rows.ts'
import type { Chain, Exchanged } from './exchanged.ts'

export const BASES = '_bases'

/** The last of the chain, with those before it. */
export interface BaseRow extends Exchanged {
  readonly party: string
  readonly recordId: string
  /** What the party may have instead, oldest first. */
  readonly earlier?: readonly Exchanged[]
}

/** Empty where nothing was exchanged. */
export function chainOf(row: BaseRow | null | undefined): Chain {
  if (row === null || row === undefined) return []
  const { party: _party, recordId: _recordId, earlier = [], ...last } = row
  return [...earlier, last]
}

/** Null for an empty chain. */
export function baseRow(party: string, recordId: string, chain: Chain): BaseRow | null {
  const last = chain.at(-1)
  if (last === undefined) return null
  const earlier = chain.slice(0, -1)
  return { ...last, party, recordId, ...(earlier.length > 0 && { earlier }) }
}

export function baseKey(party: string, collection: string, recordId: string): SidecarKey {
  return { collection, key: sha256(JSON.stringify([party, recordId])).slice(0, 40) }
}

/** Where a base is kept, and the one there; the key is made once, for reading and for writing. */
export interface BaseSlot {
  readonly key: SidecarKey
  readonly row: BaseRow | null
}

/** In the order of `ids`. Without a party there is no base: another sender's body would be taken for this one's. */
export async function readBases(
  vault: VaultApi,
  { party, collection, ids }: { party: string | null; collection: string; ids: readonly string[] },
  slices: Pace,
): Promise<Array<BaseSlot | null>> {
  if (party === null) return ids.map(() => null)
  const sidecar = vault.sidecar<BaseRow>(BASES)
  const slots: BaseSlot[] = []
  for (let at = 0; at < ids.length; at += READ_AT_ONCE) {
    await slices.step()
    const keys = ids.slice(at, at + READ_AT_ONCE).map((id) => baseKey(party, collection, id))
    const stored = await sidecar.getMany(keys)
    for (const [index, key] of keys.entries()) slots.push({ key, row: stored[index]?.row ?? null })
  }
  return slots
}
