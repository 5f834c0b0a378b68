/** What the parts of the suite share: a store per test, and envelopes to put into it. */
import { expect, type TestContext } from 'vitest'
import { ConflictError } from '../errors.ts'
import type { EncryptedEnvelope, NoydbStore } from '../types/store.ts'

export type MakeStore = () => Promise<{ store: NoydbStore; dispose?: () => Promise<void> | void }>
/** `skip` marks the test as skipped: for an optional method the store does not have. */
export type StoreTest = (store: NoydbStore, skip: () => never) => Promise<void>

/** Each test gets its own store, which is closed whatever happens. */
export function withStore(makeStore: MakeStore, test: StoreTest): (context: TestContext) => Promise<void> {
  return async (context) => {
    const { store, dispose } = await makeStore()
    try {
      await test(store, () => context.skip())
    } finally {
      await dispose?.()
    }
  }
}

export function envelope(version: number, data = `v${version}`): EncryptedEnvelope {
  return { _noydb: 1, _v: version, _ts: '2025-01-02T03:04:05.678Z', _iv: 'AAAAAAAAAAAAAAAA', _data: data }
}

export const FULL_ENVELOPE: EncryptedEnvelope = {
  ...envelope(7, 'Y2lwaGVydGV4dA=='),
  _by: 'användare 🧾',
  _source: 'studio/rossi',
  _sourceTs: '2024-12-31T23:59:59.999Z',
  _aad: 1,
}

/** Ids that break stores which build paths, patterns, separators or plain objects out of them. */
export const AWKWARD_IDS = [
  'plain',
  'a/b/../c',
  '/',
  '\\',
  '%',
  '_',
  '*?[x]',
  "o'brien",
  '"; drop table x; --',
  'tab\tnew\nline',
  'nul\u0000inside',
  ' spaced ',
  '🧾',
  '\uffff',
  'e\u0301',
  '\u00e9',
  'UPPER',
  'upper',
  '00',
  '0',
  '1e3',
  '__proto__',
  'constructor',
  'x'.repeat(512),
  '🧾'.repeat(128),
]

export async function expectConflict(call: Promise<unknown>, version: number): Promise<void> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ConflictError)
  expect(error).toMatchObject({ version, code: 'CONFLICT' })
}

/** Order by UTF-8 bytes, which is how pages come. */
export function byUtf8(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}
