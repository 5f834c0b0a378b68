/** A migration that is killed at any of its writes is finished by the next one, and transforms nothing twice. */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openMigrationFirm } from './migration-firm.ts'

// A process for each write, on a machine that may do other things.
vi.setConfig({ testTimeout: 300_000 })

const RECORDS = 40
let [folder, made] = ['', '']

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'migration-'))
  made = join(folder, 'made')
  mkdirSync(made)
  const firm = await openMigrationFirm(join(made, 'firm.db'), 1)
  const rows = Array.from({ length: RECORDS }, (_, net) => ({
    id: `${net}`,
    record: { client: 'acme', net },
  }))
  await firm.group.collection('bills').putMany(rows)
  await (await firm.group.shard('acme'))._drainPendingSchemaWrites()
  await firm.close()
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the child printed before its end; nothing when it was killed. */
function migrateIn(file: string, moment: 'before' | 'after', nth: number): Promise<string> {
  const script = join(import.meta.dirname, 'migration-child.ts')
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [script, file, moment, `${nth}`], (error, stdout, stderr) => {
      if (error !== null && error.signal !== 'SIGKILL') reject(new Error(stderr, { cause: error }))
      else resolve(stdout)
    })
  })
}

describe.each(['before', 'after'] as const)('killed %s a write', (moment) => {
  it('the shard is either behind or done, and a second run finishes it', async () => {
    let killed = 0
    for (let nth = 1; ; nth += 1) {
      const own = join(folder, `${moment}-${nth}`)
      cpSync(made, own, { recursive: true })
      const printed = await migrateIn(join(own, 'firm.db'), moment, nth)
      if (printed !== '') {
        expect(printed.trim()).toBe('survived done')
        break
      }
      killed += 1
      await expectFinished(join(own, 'firm.db'))
    }
    expect(killed).toBeGreaterThanOrEqual(2)
  })
})

async function expectFinished(file: string): Promise<void> {
  // The dead one's right to cut over has run out by then.
  const firm = await openMigrationFirm(file, 2, { later: 60_000 })
  try {
    const state = await firm.lobby.openStateManagementVault()
    const [row] = await firm.group.allRows()
    const before = await state.getMigrationStatus('firm--acme')
    expect(before?.status === 'done').toBe(row?.schemaVersion === 2)
    const after = await firm.group.migrateShard('acme')
    expect(after).toMatchObject({ status: 'done', currentVersion: 2, targetVersion: 2, migrated: RECORDS })
    if (before !== null) expect(after.startedAt).toBe(before.startedAt)
    expect((await firm.group.allRows())[0]?.schemaVersion).toBe(2)
    expect((await state.verifyEvents()).ok).toBe(true)
    const bills = await (await firm.group.shard('acme')).collection('bills').list()
    const expected = Array.from({ length: RECORDS }, (_, net) => ({
      client: 'acme',
      netMinor: net * 100,
    }))
    expect(bills).toHaveLength(RECORDS)
    expect(bills).toEqual(expect.arrayContaining(expected))
  } finally {
    await firm.close()
  }
}
