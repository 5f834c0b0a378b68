/** A schema cutover of the hub over real files: the flow of a fleet migration, and a host that dies inside it. */
import { coordinatedCutover, createNoydb, type Noydb, type NoydbOptions, type NoydbStore } from '@noy-db/hub'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { openStore, tempFile } from './testing/workspace.ts'

const oldInvoice = z.object({ number: z.string(), amount: z.number() })
const newInvoice = z.object({ number: z.string(), cents: z.number().int() })
const COUNT = 40
const KEPT = { history: true, audit: true }
const kdf = { memoryKiB: 8, passes: 1, parallelism: 1 }
const rows = Array.from({ length: COUNT }, (_, n) => ({
  id: `i${n}`,
  record: { number: `${n}`, amount: n + 0.5 },
}))
const moved = rows.map(({ record: { number, amount } }) => ({ number, cents: amount * 100 }))

function session(store: NoydbStore, options: Partial<NoydbOptions> = {}): Promise<Noydb> {
  return createNoydb({ store, user: 'ann', secret: 's', kdf, ...KEPT, ...options })
}

async function seed(store: NoydbStore, vaults: readonly string[]): Promise<void> {
  const db = await session(store)
  for (const name of vaults) {
    const vault = await db.openVault(name)
    await vault.collection('invoices', { schema: oldInvoice, persistJsonSchema: true }).putMany(rows)
    await vault._drainPendingSchemaWrites()
  }
  db.close()
}

async function declareNew(db: Noydb, name: string) {
  const vault = await db.openVault(name)
  const transform = ({ amount, ...rest }: Record<string, unknown>) => {
    if (typeof amount !== 'number') throw new Error('transformed twice')
    return { ...rest, cents: amount * 100 }
  }
  const invoices = vault.collection('invoices', {
    schema: newInvoice,
    persistJsonSchema: true,
    schemaUpdate: [coordinatedCutover({ transform })],
  })
  await vault._drainPendingSchemaWrites()
  return { vault, invoices }
}

const byNumber = (left: { number: string }, right: { number: string }) =>
  Number(left.number) - Number(right.number)

describe('a cutover over SQLite', () => {
  it('moves several vaults at once, and the next session finds nothing to do', async () => {
    const store = await openStore()
    const vaults = ['a', 'b', 'c']
    await seed(store, vaults)
    const db = await session(store)
    const open = await Promise.all(vaults.map((name) => declareNew(db, name)))
    const results = await Promise.all(open.map(({ vault }) => vault.runSchemaCutover()))
    expect(results).toEqual(vaults.map(() => ({ migrated: 1, recordsMigrated: COUNT })))
    for (const { vault, invoices } of open) {
      expect((await invoices.list()).sort(byNumber)).toEqual(moved)
      expect((await invoices.history('i1')).map(({ record }) => record)).toEqual([
        { number: '1', cents: 150 },
        { number: '1', amount: 1.5 },
      ])
      expect((await vault.audit.verify()).ok).toBe(true)
      expect(await vault.schemaFenceState()).toEqual({ currentSchemaVersion: 1, fenceState: 'normal' })
    }
    const again = await declareNew(await session(store), 'a')
    expect(await again.vault.runSchemaCutover()).toEqual({ migrated: 0, recordsMigrated: 0 })
    await again.invoices.put('i0', { number: '0', cents: 1 })
  })

  it.each([1, 30, 80])('whose host dies after %i operations is run again', async (dieAfterOps) => {
    const file = tempFile()
    const healthy = await openStore({ file, durability: 'full' })
    await seed(healthy, ['v'])
    await healthy.close()
    const dying = await openStore({ file, host: 'process', faults: { dieAfterOps }, durability: 'full' })
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined) // it cannot open its fence either
    const { vault: dead } = await declareNew(await session(dying), 'v')
    await expect(dead.runSchemaCutover()).rejects.toMatchObject({ code: 'STORE_HOST_FAILED' })
    warn.mockRestore()
    const store = await openStore({ file })
    const later = () => Date.now() + 60_000 // the dead session's lease is over
    const { vault, invoices } = await declareNew(await session(store, { clock: later }), 'v')
    expect(await vault.runSchemaCutover()).toEqual({ migrated: 1, recordsMigrated: COUNT })
    expect((await invoices.list()).sort(byNumber)).toEqual(moved)
    expect((await vault.audit.verify()).ok).toBe(true)
  })
})
