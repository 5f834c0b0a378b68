/**
 * One row, readable before unlock, holds every seal of the workspace secret: whatever changes about them is one
 * compare-and-set of that row.
 */
import type { NoydbStore } from '@noy-db/hub/store'
import { z } from 'zod'
import { AppError } from '../app-error.ts'
import { codeSeal, passphraseSeal } from './sealed-secret.ts'

const lock = z.object({ passphrase: passphraseSeal, recovery: codeSeal.nullable() })
export type Lock = z.infer<typeof lock>

export interface StoredLock {
  readonly lock: Lock
  readonly version: number
}

const place = ['__noydb_users__', '_locks', 'owner'] as const

/** Null in a workspace made before there were locks: its passphrase is the secret itself. @throws AppError KEYRING_DAMAGED */
export async function readLock(store: NoydbStore): Promise<StoredLock | null> {
  const row = await store.get(...place)
  if (row === null) return null
  const parsed = lock.safeParse(parseJson(row._data))
  if (!parsed.success) throw new AppError('KEYRING_DAMAGED')
  return { lock: parsed.data, version: row._v }
}

/** @throws AppError VERSION_CONFLICT where the row is another than `before` */
export async function writeLock(
  store: NoydbStore,
  value: Lock,
  before: StoredLock | null,
  time: string,
): Promise<void> {
  const version = before?.version ?? 0
  const envelope = { _noydb: 1, _v: version + 1, _ts: time, _iv: '', _data: JSON.stringify(value) } as const
  await store.put(...place, envelope, version)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // refused by the schema, as any other damage
  }
}
