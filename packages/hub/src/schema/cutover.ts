/**
 * A cutover moves one vault to a new schema generation: every record of the pending collections, their
 * baselines, the audit entry and the fence, in one store transaction where the store has `tx`. Elsewhere the
 * records go one by one, each naming its generation, and the rest as one intent; run again after a crash, it
 * finds what is done.
 */
import { createHash } from 'node:crypto'
import { SchemaFenceError } from '../errors.ts'
import { isolateAsync } from '../events/isolate.ts'
import { generateULID } from '../ids.ts'
import { assertMayWrite } from '../keyring/roles.ts'
import { writeWithIntent } from '../transaction/intent.ts'
import type { SealedRow } from '../transaction/seal-plan.ts'
import { writeRows } from '../transaction/store-write.ts'
import type { CutoverOptions, CutoverResult } from '../types/schema.ts'
import type { TxOp } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import { baselineOp, replacedAfter } from './baseline.ts'
import type { PendingCutover } from './compare.ts'
import { CutoverLease } from './cutover-lease.ts'
import { quiesce } from './quiesce.ts'
import { Rewriting } from './rewrite.ts'

const NOTHING: CutoverResult = { migrated: 0, recordsMigrated: 0 }

/**
 * Nothing pending changes nothing. Stopped by `signal` until the first record is written.
 * @throws SchemaFenceError while another session runs one, QuiesceTimeoutError, ReadOnlyError, and whatever a
 * transform throws; the vault is then as it was and takes writes again
 */
export async function runCutover(core: VaultCore, options: CutoverOptions): Promise<CutoverResult> {
  const { schema, session } = core
  session.assertOpen()
  await schema.finishComparing()
  if (schema.pending().length === 0) return NOTHING
  for (const { collection } of schema.pending()) assertMayWrite(core.keys, collection)
  const { fence } = schema
  fence.running = true
  try {
    const lease = await CutoverLease.claim(core)
    return await session.queue.track(() => runClaimed(core, lease, options))
  } finally {
    fence.running = false
  }
}

async function runClaimed(
  core: VaultCore,
  lease: CutoverLease,
  options: CutoverOptions,
): Promise<CutoverResult> {
  try {
    await quiesce(core.writes, core.name, options.quiesceTimeout)
    if (lease.generation > core.schema.fence.generation) await catchUp(core)
  } catch (error) {
    await isolateAsync('Opening the schema fence', () => lease.reopen())
    throw error
  }
  const pending = core.schema.pending()
  if (pending.length > 0) return new Cutover(core, lease, pending, options).run()
  await lease.reopen()
  core.schema.fence.adoptKnown()
  return NOTHING
}

/** Another session has moved the vault on since this one opened it. */
async function catchUp(core: VaultCore): Promise<void> {
  core.dropCaches()
  await core.schema.compareAgain()
}

class Cutover {
  readonly #core: VaultCore
  readonly #lease: CutoverLease
  readonly #pending: readonly PendingCutover[]
  readonly #options: CutoverOptions
  readonly #id = generateULID()

  constructor(
    core: VaultCore,
    lease: CutoverLease,
    pending: readonly PendingCutover[],
    options: CutoverOptions,
  ) {
    this.#core = core
    this.#lease = lease
    this.#pending = pending
    this.#options = options
  }

  async run(): Promise<CutoverResult> {
    let total = 0
    try {
      total = await this.#countRecords()
      await this.#migrate(total)
    } catch (error) {
      this.#core.audit.forgetHead()
      this.#core.indexes.forget()
      if (!(await this.#settle())) throw error
    }
    await this.#adopt()
    this.#options.onProgress?.(total, total)
    return { migrated: this.#pending.length, recordsMigrated: total }
  }

  async #countRecords(): Promise<number> {
    const { store, name } = this.#core
    let total = 0
    for (const { collection } of this.#pending) total += (await store.list(name, collection)).length
    return total
  }

  async #migrate(total: number): Promise<void> {
    const target = targetOf(this.#pending)
    const { interrupted, generation } = this.#lease
    if (interrupted !== undefined && interrupted !== target)
      throw new SchemaFenceError(
        `Another cutover of ${this.#core.name} was interrupted; finish that one first.`,
      )
    await this.#lease.move('migrating')
    const ts = this.#core.session.now()
    const rewriting = new Rewriting({
      core: this.#core,
      lease: this.#lease,
      ts,
      doneGeneration: interrupted === undefined ? undefined : generation + 1,
      work: this.#options,
      total,
    })
    for (const { collection, how } of this.#pending) await rewriting.addCollection(collection, how)
    await this.#core.lock.run(() => this.#write(rewriting, target, ts))
  }

  async #write(rewriting: Rewriting, target: string, ts: string): Promise<void> {
    const { store } = this.#core
    this.#core.session.assertOpen()
    this.#options.signal?.throwIfAborted()
    if (store.tx !== undefined) {
      return writeRows(store, [...rewriting.ops, ...(await this.#closingOps(rewriting.rows, ts))])
    }
    await this.#lease.move('migrating', target)
    for (const op of rewriting.ops) {
      await writeRows(store, [op])
      await this.#lease.keep()
    }
    const ops = await this.#closingOps(rewriting.rows, ts)
    await writeWithIntent([{ core: this.#core, ops }], this.#id, ts)
  }

  /** Baselines, audit entry, fence. */
  async #closingOps(rows: readonly SealedRow[], ts: string): Promise<TxOp[]> {
    const core = this.#core
    const baselines = this.#pending.map(({ collection, derived, baseline }) =>
      baselineOp(core, collection, derived, baseline, ts, replacedAfter(baseline, derived.hash)),
    )
    const asserted = core.indexes.areKept
      ? this.#pending.map(({ collection }) => core.indexes.checkOp(collection))
      : []
    const complete = this.#lease.completeOp(rows.length)
    const details = { id: this.#id, actor: core.keys.userId, command: 'schema.cutover', time: ts }
    if (!core.session.audit) return [...asserted, ...baselines, complete]
    await core.keys.ensure(['_audit'])
    core.audit.forgetHead() // it may have moved before the fence was closed
    const sidecars = baselines.map((row) => ({ row }))
    const audit = await core.audit.entryOps(details, rows, sidecars)
    return [...asserted, ...baselines, ...audit, complete]
  }

  /** @returns whether the cutover is in the store after all */
  async #settle(): Promise<boolean> {
    let done = false
    await isolateAsync('Opening the schema fence after a failed cutover', async () => {
      done = await this.#lease.settle()
    })
    return done
  }

  async #adopt(): Promise<void> {
    const core = this.#core
    core.audit.entryWritten()
    await this.#lease.finish()
    for (const { collection } of this.#pending) {
      core.schema.settled(collection)
      const { rows } = core.stateOf(collection)
      await isolateAsync(`Reading ${collection} after a cutover`, () => rows.reload())
      rows.changed()
    }
  }
}

/** Says whether two cutovers are the same: which collections move to which schemas. */
function targetOf(pending: readonly PendingCutover[]): string {
  const lines = pending.map(({ collection, derived }) => JSON.stringify([collection, derived.hash]))
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex')
}
