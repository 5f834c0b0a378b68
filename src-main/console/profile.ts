/**
 * Firm and user name, readable before unlock so that the lock screen can name them. The row is not encrypted and
 * proves nothing; the state vault keeps the same names, and they win once it is open.
 */
import type { NoydbStore } from '@noy-db/hub/store'
import { z } from 'zod'

const profile = z.object({ firmName: z.string().max(120), userName: z.string().max(120) })
export type Profile = z.infer<typeof profile>

const place = ['__noydb_users__', '_profile', 'workspace'] as const

export async function readProfile(store: NoydbStore): Promise<Profile | null> {
  const row = await store.get(...place)
  if (row === null) return null
  const parsed = profile.safeParse(parseJson(row._data))
  return parsed.success ? parsed.data : null
}

export async function writeProfile(store: NoydbStore, value: Profile, time: string): Promise<void> {
  const before = await store.get(...place)
  const version = (before?._v ?? 0) + 1
  await store.put(...place, { _noydb: 1, _v: version, _ts: time, _iv: '', _data: JSON.stringify(value) })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // a row nobody can read shows no names; it protects nothing
  }
}
