/** Every store operation of a transaction: its rows sealed, then what closes each vault's part. */
import type { TransactionOptions } from '../types/transaction.ts'
import type { TxOp } from '../types/store.ts'
import type { Alongside } from './alongside.ts'
import { sealAll, sealInBatches, type Progress, type SealedPlan } from './seal-plan.ts'
import type { Staging } from './staging.ts'
import type { WritePart } from './write-parts.ts'

export interface Making {
  readonly sealed: readonly SealedPlan[]
  readonly staging: Staging
  readonly ts: string
  readonly progress: Progress
  readonly options: TransactionOptions & { readonly alongside: Alongside | null }
}

/** All at once, one part for each vault; without what comes alongside. */
export async function allParts(making: Making): Promise<WritePart[]> {
  const { sealed, ts, progress, options } = making
  const parts: WritePart[] = []
  for (const part of sealed) {
    const ops = await sealAll(part, ts, progress)
    if (ops.length === 0) continue
    pushFences(part, ops)
    if (part.plan.batch.core.session.audit) ops.push(...(await auditOps(part, making)))
    parts.push({ core: part.plan.batch.core, ops })
  }
  options.signal?.throwIfAborted()
  return parts
}

/** Sealed while the store takes the ones before. */
export async function* streamedParts(making: Making): AsyncGenerator<WritePart> {
  const { sealed, staging, ts, progress, options } = making
  const { alongside } = options
  if (alongside !== null) {
    for await (const ops of alongside.operations(staging.id, ts)) yield { core: alongside.core, ops }
  }
  const changed = new Set<SealedPlan>()
  for (const part of sealed) {
    for await (const ops of sealInBatches(part, ts, progress)) {
      changed.add(part)
      yield { core: part.plan.batch.core, ops }
    }
  }
  for (const part of changed) {
    const { core } = part.plan.batch
    const ops: TxOp[] = []
    pushFences(part, ops)
    if (core.session.audit) ops.push(...(await auditOps(part, making)))
    yield { core, ops }
  }
  options.signal?.throwIfAborted()
}

/** A cutover or a rotation of keys by another session refuses this transaction. */
function pushFences({ plan }: SealedPlan, ops: TxOp[]): void {
  const { keys, schema } = plan.batch.core
  ops.push(...keys.fence, ...schema.fence.sameOps())
}

/** The last of a vault's operations. */
function auditOps({ plan, writes, sidecars }: SealedPlan, { staging, ts, options }: Making): Promise<TxOp[]> {
  const { core } = plan.batch
  const { command = 'write', reason: shared } = options
  const stated = writes.find(({ row }) => row.write.options.reason !== undefined)
  const reason = shared ?? stated?.row.write.options.reason
  const details = { id: staging.id, actor: core.keys.userId, command, time: ts }
  return core.audit.entryOps(reason === undefined ? details : { ...details, reason }, writes, sidecars)
}
