/** `_meta/handle`: the vault's ULID, in clear; the keyring says the same under its own key. */
import { ConflictError, TamperedError } from '../errors.ts'
import { generateULID } from '../ids.ts'
import { keyringLock } from '../transaction/mutex.ts'
import { writeRows } from '../transaction/store-write.ts'
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

/**
 * The stored handle, or `own` (a new ULID where there is none) written down; of two that ask at once, both get the same.
 * @throws TamperedError when the stored one is not `own`
 */
export async function ensureHandle(
  store: NoydbStore,
  vault: string,
  own: string | null,
  ts: string,
): Promise<string> {
  const handle =
    (await readHandle(store, vault)) ??
    (await keyringLock(store, vault).run(() => writeHandle(store, vault, own ?? generateULID(), ts)))
  if (own !== null && handle !== own)
    throw new TamperedError(`The handle of the vault ${vault} was changed in the store.`)
  return handle
}

async function writeHandle(store: NoydbStore, vault: string, handle: string, ts: string): Promise<string> {
  const known = await readHandle(store, vault)
  if (known !== null) return known
  try {
    await writeRows(store, [handleOp(vault, handle, ts)])
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
  }
  return (await readHandle(store, vault)) ?? handle // another process may have been first
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
