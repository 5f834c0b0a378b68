/** What the tests of this package share: a folder each, envelopes, stores that are closed afterwards. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import type { EncryptedEnvelope, TxWriteOp } from '@noy-db/hub/store'
import { afterEach, expect } from 'vitest'
import { type SqliteStore, sqliteStore, type SqliteStoreOptions } from '../index.ts'

const cleanups: Array<() => unknown> = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

export function onCleanup(cleanup: () => unknown): void {
  cleanups.push(cleanup)
}

/** A path in a new folder that the end of the test removes. */
export function tempFile(name = 'workspace.db'): string {
  const folder = mkdtempSync(join(tmpdir(), 'to-sqlite-'))
  onCleanup(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, name)
}

export async function openStore(options: Partial<SqliteStoreOptions> = {}): Promise<SqliteStore> {
  const store = await sqliteStore({ file: tempFile(), durability: 'normal', ...options })
  onCleanup(() => store.close().catch(() => undefined)) // a test may have killed the host
  return store
}

export function envelope(version = 1, bytes = 64): EncryptedEnvelope {
  return {
    _noydb: 1,
    _v: version,
    _ts: `2026-01-01T00:00:00.${String(version % 1000).padStart(3, '0')}Z`,
    _iv: randomBytes(12).toString('base64'),
    _data: randomBytes(bytes).toString('base64'),
    _by: 'owner-1',
    _aad: 1,
  }
}

export const plain = (text: string): EncryptedEnvelope => ({
  _noydb: 1,
  _v: 1,
  _ts: '2026-01-01T00:00:00.000Z',
  _iv: '',
  _data: text,
})

export function putOp(id: string, version = 1, expectedVersion?: number): TxWriteOp {
  const op = { vault: 'v', collection: 'c', id, op: 'put', envelope: envelope(version) } as const
  return expectedVersion === undefined ? op : { ...op, expectedVersion }
}

/** Ids that sort as they count. */
export const countedIds = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => String(index).padStart(6, '0'))

/** The error a promise rejects with; fails when it does not. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('It was expected to reject.'),
    (error: unknown) => error,
  )
}
