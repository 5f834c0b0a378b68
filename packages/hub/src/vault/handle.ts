/** `_meta/handle`: the vault's ULID, in clear; the keyring says the same under its own key. */
import { TamperedError } from '../errors.ts'
import type { NoydbStore, TxOp } from '../types/store.ts'

const META = '_meta'
const HANDLE = 'handle'
const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/

/** @throws TamperedError when the row is there but holds no ULID. */
export async function readHandle(store: NoydbStore, vault: string): Promise<string | null> {
  const row = await store.get(vault, META, HANDLE)
  if (row === null) return null
  const handle = parseHandle(row._data)
  if (handle === null) throw new TamperedError(`The handle of the vault ${vault} cannot be read.`)
  return handle
}

export function handleOp(vault: string, handle: string, ts: string): TxOp {
  const envelope = { _noydb: 1, _v: 1, _ts: ts, _iv: '', _data: JSON.stringify({ handle }) } as const
  return { vault, collection: META, id: HANDLE, op: 'put', envelope, expectedVersion: 0 }
}

function parseHandle(text: string): string | null {
  try {
    const { handle } = JSON.parse(text) as { handle?: unknown } // checked on the next line
    return typeof handle === 'string' && ULID.test(handle) ? handle : null
  } catch {
    return null // not JSON: the caller reports it
  }
}
