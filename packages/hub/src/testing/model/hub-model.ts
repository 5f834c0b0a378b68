/**
 * The hub against a model of plain maps: random commands, with reopening, a second session, aborted transactions and a
 * store that stops in the middle of one.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createNoydb } from '../../noydb/create-noydb.ts'
import type { NoydbStore } from '../../types/store.ts'
import { commands } from './commands.ts'
import { faultStore } from './fault-store.ts'
import { contentOf, Model, type Real } from './state.ts'

export interface ModelStore {
  readonly store: NoydbStore
  close(): Promise<void>
}

export interface ModelOptions {
  readonly runs: number
  /** With history and audit; the chain is verified at the end. */
  readonly kept: boolean
}

const KDF = { memoryKiB: 8, passes: 1, parallelism: 1 }

export function hubModel(name: string, makeStore: () => Promise<ModelStore>, options: ModelOptions): void {
  const { kept, runs } = options
  it(`${name}${kept ? ', with history and audit' : ''}: holds what a map would hold`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 30, size: 'max' }), async (cmds) => {
        const made = await makeStore()
        try {
          await runOnce(made.store, kept, cmds)
        } finally {
          await made.close()
        }
      }),
      { numRuns: runs },
    )
  })
}

async function runOnce(
  inner: NoydbStore,
  kept: boolean,
  cmds: Iterable<fc.AsyncCommand<Model, Real>>,
): Promise<void> {
  const faults = faultStore(inner)
  const open = () =>
    createNoydb({ store: faults.store, user: 'ann', secret: 's', kdf: KDF, history: kept, audit: kept })
  const real: Real = { faults, open, db: await open() }
  const model = new Model()
  await fc.asyncModelRun(() => ({ model, real }), cmds)
  real.db.close()
  real.db = await open()
  expect(await contentOf(real.db)).toEqual(model.content())
  if (kept) expect(await (await real.db.openVault('v')).audit.verify()).toMatchObject({ ok: true })
  real.db.close()
}
