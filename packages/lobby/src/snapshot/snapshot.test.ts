/** Snapshots of real vaults: written, proved, put back; and whatever was done to the file in between. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Noydb, NoydbStore, VaultApi } from '@noy-db/hub'
import { memory } from '@noy-db/hub/memory'
import { sqliteStore } from '@noy-db/to-sqlite'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openOffice } from '../fixture-office.ts'
import {
  restoreShardSnapshot,
  snapshotFacts,
  snapshotLimits,
  verifyShardSnapshot,
  writeShardSnapshot,
} from './index.ts'

interface Bill {
  readonly net: number
}

function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'snapshot-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function openSqlite(): Promise<NoydbStore> {
  const store = await sqliteStore({ file: join(tempFolder(), 'w.db'), durability: 'normal' })
  onTestFinished(() => store.close())
  return store
}

/** Bills, one of them changed and one deleted, a row about a bill, and an audit trail. */
async function filled(store: NoydbStore = memory(), bills = 6): Promise<{ db: Noydb; vault: VaultApi }> {
  const db = await openOffice('anna', store)
  onTestFinished(() => db.close())
  const vault = await db.openVault('firm--a')
  const rows = Array.from({ length: bills }, (_, net) => ({ id: `b/${net}`, record: { net } }))
  await vault.collection<Bill>('bills').putMany(rows)
  await vault.collection<Bill>('bills').put('b/0', { net: 100 })
  await vault.collection<Bill>('bills').delete('b/1')
  await db.transaction((tx) =>
    tx.putSidecar(vault, '_bases', { collection: 'bills', key: 'b/0' }, { net: 0 }),
  )
  return { db, vault }
}

async function nets(vault: VaultApi): Promise<number[]> {
  return (await vault.collection<Bill>('bills').list()).map(({ net }) => net).sort((a, b) => a - b)
}

const code = (expected: string) => expect.objectContaining({ code: expected }) as unknown

describe.each([
  ['memory', async () => memory()],
  ['SQLite', openSqlite],
])('over %s', (_name, open) => {
  test('a vault goes back to what its snapshot holds, and says so', async () => {
    const { db, vault } = await filled(await open(), 700)
    const file = join(tempFolder(), 'a.snapshot')
    const seen: number[] = []
    const facts = await writeShardSnapshot(vault, file, { onProgress: (done) => void seen.push(done) })
    expect(facts).toMatchObject({
      vault: 'firm--a',
      createdBy: 'anna',
      collections: { bills: 699, _tombstones: 1 },
    })
    expect(seen.at(-1)).toBe(facts.rows)
    expect(await snapshotFacts(file)).toEqual(facts)
    const { opened, keyGeneration, verifiedAt: _at, ...proved } = await verifyShardSnapshot(file, { db })
    expect(proved).toEqual(facts)
    expect(keyGeneration).toBe(1)
    expect(opened).toBeGreaterThan(700)
    const before = await nets(vault)
    await vault.collection<Bill>('bills').putMany([
      { id: 'b/2', record: { net: -1 } },
      { id: 'new', record: { net: 9 } },
    ])
    await restoreShardSnapshot(file, { db, expected: facts })
    expect(await nets(vault)).toEqual(before)
    expect((await vault.audit.verify()).ok).toBe(true)
    const [entry] = await vault.audit.list({ limit: 1 })
    expect(entry).toMatchObject({ command: 'snapshots.restore', actor: 'anna' })
    expect(entry?.reason).toContain(facts.sha256)
    expect(readdirSync(join(file, '..'))).toEqual(['a.snapshot'])
  })
})

test('nothing of a record can be read in the file', async () => {
  const { vault, db } = await filled()
  await vault.collection('notes').put('x', { text: 'visible?' })
  const file = join(tempFolder(), 'a.snapshot')
  await writeShardSnapshot(vault, file)
  expect(readFileSync(file, 'utf8')).not.toContain('visible?')
  expect((await verifyShardSnapshot(file, { db })).collections['notes']).toBe(1)
})

describe('a snapshot that is not as it was written is refused, and the vault stays', () => {
  async function written() {
    const { db, vault } = await filled()
    const file = join(tempFolder(), 'a.snapshot')
    await writeShardSnapshot(vault, file)
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
    return { db, vault, file, lines, before: await nets(vault) }
  }

  test('whatever byte was changed', async () => {
    const { db, vault, file, before } = await written()
    const bytes = readFileSync(file)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const altered = Buffer.from(bytes)
        altered[at] = (altered[at] ?? 0) ^ change
        writeFileSync(file, altered)
        const error: unknown = await restoreShardSnapshot(file, { db }).catch((thrown: unknown) => thrown)
        expect(error).toEqual(
          expect.objectContaining({ code: expect.stringMatching(/^SNAPSHOT_/) as unknown }),
        )
      }),
      { numRuns: 120 },
    )
    expect(await nets(vault)).toEqual(before)
  })

  test('wherever it was cut', async () => {
    const { db, file } = await written()
    const bytes = readFileSync(file)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), async (length) => {
        writeFileSync(file, bytes.subarray(0, length))
        await expect(verifyShardSnapshot(file, { db })).rejects.toEqual(code('SNAPSHOT_INVALID'))
        await expect(snapshotFacts(file)).rejects.toEqual(code('SNAPSHOT_INVALID'))
      }),
      { numRuns: 30 },
    )
  })

  /** Rows as given, with counts and a hash that fit them, as somebody without keys could write. */
  function forged(header: string, rows: readonly string[], seal: unknown): string {
    const head = [header, ...rows].map((line) => `${line}\n`).join('')
    const collections: Record<string, number> = {}
    for (const row of rows) {
      const [name] = JSON.parse(row) as [string]
      collections[name] = (collections[name] ?? 0) + 1
    }
    const sha256 = createHash('sha256').update(head).digest('hex')
    return `${head}${JSON.stringify({ rows: rows.length, collections, sha256, seal })}\n`
  }

  test.each<[string, (rows: string[]) => string[]]>([
    ['a row left out', (rows) => rows.filter((row) => !row.startsWith('["bills","b/3"'))],
    ['rows in another order', (rows) => [...rows.slice(0, -2), ...rows.slice(-2).toReversed()]],
    ['a row twice', (rows) => [...rows, ...rows.slice(-1)]],
    [
      'an older version in the place of a newer',
      (rows) => {
        const old = rows.find((row) => row.startsWith('["_history","bills/b/0/')) ?? ''
        return rows.map((row) =>
          row.startsWith('["bills","b/0"') ? old.replace(/^\["_history","[^"]*"/, '["bills","b/0"') : row,
        )
      },
    ],
  ])('%s, and everything else made to fit', async (_what, change) => {
    const { db, vault, file, lines, before } = await written()
    const [header = '', ...rest] = lines
    const { seal } = JSON.parse(rest.pop() ?? '') as { seal: unknown }
    writeFileSync(file, forged(header, change(rest), seal))
    await expect(restoreShardSnapshot(file, { db })).rejects.toEqual(code('SNAPSHOT_INVALID'))
    expect(await nets(vault)).toEqual(before)
  })

  test.each<[string, string, (lines: string[]) => string]>([
    ['something after its end', 'SNAPSHOT_INVALID', (lines) => [...lines, lines.at(-1), ''].join('\n')],
    [
      'a newer format',
      'SNAPSHOT_TOO_NEW',
      (lines) => `${lines.join('\n').replace('"version":1', '"version":2')}\n`,
    ],
    ['a text', 'SNAPSHOT_INVALID', () => 'Dear diary,\n'],
    ['nothing', 'SNAPSHOT_INVALID', () => ''],
    [
      'a header beyond its cap',
      'SNAPSHOT_INVALID',
      () => `{"${'x'.repeat(snapshotLimits.snapshotHeadBytes)}":1}\n`,
    ],
  ])('%s', async (_what, expected, change) => {
    const { db, file, lines } = await written()
    writeFileSync(file, change(lines))
    await expect(verifyShardSnapshot(file, { db })).rejects.toEqual(code(expected))
  })

  test('another one of the same vault than was recorded', async () => {
    const { db, vault, file } = await written()
    const facts = await snapshotFacts(file)
    await vault.collection<Bill>('bills').put('late', { net: 1 })
    await writeShardSnapshot(vault, file)
    await expect(restoreShardSnapshot(file, { db, expected: facts })).rejects.toEqual(
      code('SNAPSHOT_INVALID'),
    )
  })

  test('one of another vault of that name', async () => {
    const { file } = await written()
    const { db, vault } = await filled()
    const own = join(tempFolder(), 'own')
    await writeShardSnapshot(vault, own)
    await expect(restoreShardSnapshot(file, { db })).rejects.toEqual(code('SNAPSHOT_OF_OTHER_VAULT'))
    expect((await verifyShardSnapshot(own, { db })).vault).toBe('firm--a')
  })

  test('one from before the keys were renewed', async () => {
    const { db, vault, file, before } = await written()
    const grant = { userId: 'bob', displayName: 'Bob', role: 'viewer', passphrase: 'long enough' } as const
    await db.grant('firm--a', grant)
    await db.revoke('firm--a', { userId: 'bob' })
    await expect(restoreShardSnapshot(file, { db })).rejects.toEqual(code('KEYS_RENEWED'))
    expect(await nets(vault)).toEqual(before)
  })
})

test('somebody without a keyring in it cannot prove it', async () => {
  const { vault } = await filled()
  const file = join(tempFolder(), 'a.snapshot')
  await writeShardSnapshot(vault, file)
  const bob = await openOffice('bob')
  await expect(verifyShardSnapshot(file, { db: bob })).rejects.toEqual(code('NO_ACCESS'))
  bob.close()
})

describe('a snapshot that cannot be written', () => {
  test.each([
    ['a folder that is not there', (folder: string) => join(folder, 'none', 'a.snapshot')],
    [
      'a folder in its place',
      (folder: string) => (
        mkdirSync(join(folder, 'a.snapshot', 'full'), { recursive: true }),
        join(folder, 'a.snapshot')
      ),
    ],
  ])('%s: a code, and nothing left behind', async (_what, place) => {
    const { vault } = await filled()
    const file = place(tempFolder())
    await expect(writeShardSnapshot(vault, file)).rejects.toEqual(code('SNAPSHOT_NOT_WRITTEN'))
    expect(existsSync(`${file}.partial`)).toBe(false)
  })

  test('cancelled: the earlier file stays', async () => {
    const { db, vault } = await filled(memory(), 3_000)
    const file = join(tempFolder(), 'a.snapshot')
    const facts = await writeShardSnapshot(vault, file)
    const stop = new AbortController()
    const work = { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) }
    await expect(writeShardSnapshot(vault, file, work)).rejects.toThrow('enough')
    expect(existsSync(`${file}.partial`)).toBe(false)
    expect((await verifyShardSnapshot(file, { db })).id).toBe(facts.id)
    await vault.collection<Bill>('bills').put('free', { net: 1 }) // the vault's lock is free again
  })
})

test('docs/limits.md states the limits of snapshots', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/limits.md'), 'utf8')
  const stated = [...page.matchAll(/^\| (\w+) \| (\d+) \|/gm)].map(([, name, value]) => [name, Number(value)])
  expect(Object.fromEntries(stated)).toMatchObject(snapshotLimits)
})
