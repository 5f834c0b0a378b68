/** `_meta/deed`, in clear: the vault has an owner whose secret is kept sealed until it is needed. */
import type { NoydbStore, TxWriteOp } from '../types/store.ts'
import type { DeedMarker } from '../types/custody.ts'

const META = '_meta'
const DEED = 'deed'

export interface StoredDeed {
  readonly marker: DeedMarker
  readonly version: number
}

/** Needs no keys. Null when there is none, or none that can be read. */
export async function loadDeedMarker(store: NoydbStore, vault: string): Promise<DeedMarker | null> {
  return (await readDeed(store, vault))?.marker ?? null
}

/** Needs no keys. */
export async function isDeedVault(store: NoydbStore, vault: string): Promise<boolean> {
  return (await readDeed(store, vault)) !== null
}

export async function readDeed(store: NoydbStore, vault: string): Promise<StoredDeed | null> {
  const row = await store.get(vault, META, DEED)
  const marker = row === null ? null : parseMarker(row._data)
  return row === null || marker === null ? null : { marker, version: row._v }
}

/** `replaces` is the version of the row that is there; 0 = none. */
export function deedOp(vault: string, marker: DeedMarker, ts: string, replaces: number): TxWriteOp {
  const envelope = { _noydb: 1, _v: replaces + 1, _ts: ts, _iv: '', _data: JSON.stringify(marker) } as const
  return { vault, collection: META, id: DEED, op: 'put', envelope, expectedVersion: replaces }
}

function parseMarker(text: string): DeedMarker | null {
  try {
    const value: unknown = JSON.parse(text)
    return isMarker(value) ? value : null
  } catch {
    return null // not JSON: malformed counts as absent
  }
}

function isMarker(value: unknown): value is DeedMarker {
  if (typeof value !== 'object' || value === null) return false
  const marker = value as Partial<Record<keyof DeedMarker, unknown>> // checked right here
  const texts = [marker.ownerUserId, marker.sealedUnder, marker.issuedAt, marker.liberatedAt ?? '']
  return marker.latent === true && texts.every((text) => typeof text === 'string')
}
