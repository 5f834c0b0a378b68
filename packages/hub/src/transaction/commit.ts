/**
 * The one way anything is written: a put, a delete and a transaction over several vaults differ only in
 * what they stage. A failure before the store has answered leaves caches and store as they were.
 */
import { cloneJson } from '../collection/json-value.ts'
import { ConflictError } from '../errors.ts'
import { checkOutbound, expandDeletes } from '../refs/check-refs.ts'
import { trackAll } from '../events/write-queue.ts'
import type { Session } from '../noydb/session.ts'
import type { TransactionOptions } from '../types/transaction.ts'
import type { Alongside } from './alongside.ts'
import { applySealed, emitChanges } from './apply.ts'
import { runLocked } from './mutex.ts'
import { planBatch, refreshPlan, type Plan } from './plan.ts'
import { confirmBatch, prepareBatch, writeEvent } from './prepare.ts'
import { startSealing, type SealedPlan } from './seal-plan.ts'
import { Slices } from './slices.ts'
import type { Batch, Staging } from './staging.ts'
import { writeParts } from './write-parts.ts'

/** Another instance writing to the same rows makes us start again this often at most. */
const ATTEMPTS = 50

export function commit(
  session: Session,
  staging: Staging,
  options: TransactionOptions = {},
  alongside: Alongside | null = null,
): Promise<void> {
  session.assertOpen()
  const prepared = staging.batches()
  const cores = prepared.map(({ core }) => core)
  if (alongside !== null) cores.push(alongside.core)
  return trackAll([session.queue, ...cores.map((core) => core.writes)], async () => {
    for (const batch of prepared) await prepareBatch(batch, staging, options)
    const inOrder = cores.toSorted((left, right) => (left.name < right.name ? -1 : 1))
    const sealed = await runLocked(
      inOrder.map((core) => core.lock),
      () => commitLocked(session, prepared, staging, { ...options, alongside }),
    )
    if (session.hooks.wantsAfter) await runAfterHooks(session, sealed, staging)
  })
}

interface CommitOptions extends TransactionOptions {
  readonly alongside: Alongside | null
}

interface Before {
  readonly record: unknown
  readonly version: number
}

interface Committed {
  readonly sealed: SealedPlan
  /** Parallel to `sealed.writes`; empty when no hook asks. */
  readonly before: readonly Before[]
}

async function commitLocked(
  session: Session,
  batches: readonly Batch[],
  staging: Staging,
  options: CommitOptions,
): Promise<Committed[]> {
  for (let attempt = 1; ; attempt += 1) {
    session.assertOpen()
    const plans: Plan[] = []
    for (const batch of batches) plans.push(await planLocked(batch, options.reason))
    try {
      if (options.alongside !== null) await options.alongside.prepare()
      const sealed = await sealAndWrite(session, plans, staging, options)
      if (options.alongside !== null) await options.alongside.written()
      const committed = sealed.map((part) => ({ sealed: part, before: beforeImages(session, part) }))
      for (const part of sealed) applySealed(part)
      for (const part of sealed) await emitChanges(part)
      return committed
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error
      for (const plan of plans) await refreshPlan(plan)
    }
  }
}

async function planLocked(batch: Batch, reason: string | undefined): Promise<Plan> {
  // Again: rows may have come since the first look, which had no lock.
  if (batch.hasDeletes) await expandDeletes(batch)
  await confirmBatch(batch, reason)
  if (!batch.core.refs.isEmpty) await checkOutbound(batch)
  return planBatch(batch)
}

async function sealAndWrite(
  session: Session,
  plans: readonly Plan[],
  staging: Staging,
  options: CommitOptions,
): Promise<SealedPlan[]> {
  const ts = session.now()
  const total = plans.reduce((sum, { writes, sidecars }) => sum + writes.length + sidecars.length, 0)
  const sealed: SealedPlan[] = []
  try {
    for (const plan of plans) sealed.push(await startSealing(plan))
    const progress = { slices: new Slices(options, total), done: 0 }
    const isLong = total >= LONG_FROM_ROWS || options.alongside !== null
    await writeParts(session.store, { sealed, staging, ts, progress, options }, isLong)
  } catch (error) {
    for (const { keys } of sealed) keys.forget() // they were to be stored with what has failed
    throw error
  }
  options.onProgress?.(total, total)
  return sealed
}

/** From this many rows on a transaction is streamed. */
const LONG_FROM_ROWS = 1_000

function beforeImages(session: Session, { writes }: SealedPlan): Before[] {
  if (!session.hooks.wantsAfter) return []
  return writes.map(({ row }) => ({
    record: cloneJson(row.state.rows.peek(row.id)?.record ?? null),
    version: row.current,
  }))
}

async function runAfterHooks(
  session: Session,
  committed: readonly Committed[],
  staging: Staging,
): Promise<void> {
  for (const { sealed, before } of committed) {
    for (const [at, { row }] of sealed.writes.entries()) {
      const image = before[at] ?? { record: null, version: row.current }
      await session.hooks.runAfter(
        writeEvent(sealed.plan.batch.core, staging.id, row.write, image, row.version),
      )
    }
  }
}
