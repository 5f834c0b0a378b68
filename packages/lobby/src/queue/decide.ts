/** Writes decisions: record, queue row and index of each, compare-and-set, in one transaction. */
import { ConflictError } from '@noy-db/hub'
import type { LongWork, Transaction } from '@noy-db/hub'
import { DecisionInvalidError, LobbyError, RulesBrokenError } from '../errors.ts'
import { putException } from '../invariants/exceptions.ts'
import { asException, isOpen } from '../invariants/override.ts'
import { onlySignal, pace } from '../pace.ts'
import { putConflict } from './conflict-row.ts'
import { earlierOf, provenance } from './earlier-record.ts'
import { judgePreview } from './judge-decision.ts'
import { loadConflict, sameBody, type LoadedConflict, type QueueContext } from './queue-context.ts'
import { previewResolution } from './resolution.ts'
import type {
  ConflictPreview,
  ConflictRef,
  ConflictRow,
  DecideOptions,
  Decision,
  Resolution,
} from './types.ts'

export interface PreparedDecision {
  readonly loaded: LoadedConflict
  readonly resolution: Resolution
  readonly preview: ConflictPreview
}

export async function prepareDecision(
  context: QueueContext,
  ref: ConflictRef,
  resolution: Resolution,
): Promise<PreparedDecision> {
  const loaded = await loadConflict(context, ref)
  return prepareLoaded(context, loaded, resolution)
}

export async function prepareLoaded(
  context: QueueContext,
  loaded: LoadedConflict,
  resolution: Resolution,
): Promise<PreparedDecision> {
  const preview = await judgePreview(context, loaded, await previewResolution(loaded, resolution))
  return { loaded, resolution, preview }
}

/** @throws LobbyError `CONFLICT_NOT_OPEN`, `CONFLICT_CHANGED`, `CONFLICT_MOVED`, `RULES_BROKEN`; DecisionInvalidError */
export function assertDecidable(
  { loaded, resolution, preview }: PreparedDecision,
  options: DecideOptions,
): void {
  const { view } = loaded
  assertOpen(view.row)
  if (view.rowVersion !== options.expectRowVersion) throw changed()
  if (view.currentVersion !== options.expectRecordVersion) throw moved()
  if (resolution.kind === 'close' && (options.reason ?? '').trim() === '') {
    throw new DecisionInvalidError('Closing a conflict without a decision needs a reason.')
  }
  if (preview.issues.length > 0) {
    throw new DecisionInvalidError('The record would not fit its schema.', preview.issues)
  }
  assertRules(view.row, preview, options.override?.reason)
}

function assertRules(row: ConflictRow, { broken = [] }: ConflictPreview, reason: string | undefined): void {
  if (reason?.trim() === '') throw new DecisionInvalidError('Deciding against a rule needs a reason.')
  const never = broken.filter(({ enforce }) => enforce === 'refuse')
  if (never.length > 0)
    throw new DecisionInvalidError('The record would break a rule that always holds.', never)
  const { vault, collection, recordId } = row
  if (isOpen(broken) && reason === undefined) {
    throw new RulesBrokenError([{ vault, collection, id: recordId, broken }])
  }
}

function assertOpen({ status }: ConflictRow): void {
  if (status !== 'open') throw new LobbyError('CONFLICT_NOT_OPEN', `This conflict is ${status} already.`)
}

function changed(): LobbyError {
  return new LobbyError('CONFLICT_CHANGED', 'Somebody else worked on this conflict meanwhile.')
}

function moved(): LobbyError {
  return new LobbyError('CONFLICT_MOVED', 'The record was edited since this view was made; look at it again.')
}

export interface DecisionBatch {
  readonly batchId: string
  readonly command: string
  readonly reason: string | null
  /** Why rules may be decided against; `named` where a person means this very record, and its lock too. */
  readonly override?: { readonly reason: string; readonly named: boolean }
}

export async function writeDecisions(
  context: QueueContext,
  prepared: readonly PreparedDecision[],
  batch: DecisionBatch,
  work?: LongWork,
): Promise<void> {
  const { command, reason } = batch
  const slices = pace(onlySignal(work))
  try {
    await context.db.transaction(
      async (tx) => {
        for (const one of prepared) {
          await slices.step()
          stageDecision(context, tx, one, batch)
        }
      },
      { ...work, command, ...(reason !== null && { reason }) },
    )
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error
    throw (await anyRowChanged(context, prepared)) ? changed() : moved()
  }
}

async function anyRowChanged(context: QueueContext, prepared: readonly PreparedDecision[]): Promise<boolean> {
  for (const { loaded } of prepared) {
    const { view } = await loadConflict(context, loaded.view.row)
    if (view.rowVersion !== loaded.view.rowVersion) return true
  }
  return false
}

function stageDecision(
  context: QueueContext,
  tx: Transaction,
  one: PreparedDecision,
  batch: DecisionBatch,
): void {
  const { loaded, resolution, preview } = one
  const { vault, view } = loaded
  const writes = !sameBody(preview.result, view.current)
  if (writes) {
    stageRecord(tx, one)
    stageExceptions(tx, one, batch)
  }
  const decision: Decision = {
    resolution,
    result: preview.result,
    reason: batch.reason,
    actor: vault.userId,
    decidedAt: new Date().toISOString(),
    batchId: batch.batchId,
    beforeVersion: view.currentVersion,
    afterVersion: writes && preview.result !== null ? view.currentVersion + 1 : view.currentVersion,
    ...(writes && { before: earlierOf(loaded.entry) }),
  }
  const status = resolution.kind === 'close' ? 'closed' : 'decided'
  putConflict(tx, context.state, vault, { ...view.row, status, decision }, view.rowVersion)
}

function stageExceptions(tx: Transaction, one: PreparedDecision, batch: DecisionBatch): void {
  const { override, command, batchId } = batch
  const { broken } = one.preview
  if (override === undefined || (!override.named && !isOpen(broken))) return
  const { vault, view } = one.loaded
  const { collection, recordId } = view.row
  for (const exception of asException(broken, override.reason)) {
    putException(tx, vault, { collection, id: recordId, command, origin: batchId, ...exception })
  }
}

function stageRecord(tx: Transaction, { loaded, resolution, preview }: PreparedDecision): void {
  const { vault, view } = loaded
  const { collection, recordId, theirsOrigin } = view.row
  const expectedVersion = view.currentVersion
  if (preview.result === null) return tx.delete(vault, collection, recordId, { expectedVersion })
  const origin =
    resolution.kind === 'theirs'
      ? provenance(theirsOrigin.source, theirsOrigin.at ?? undefined)
      : { source: 'merged' }
  tx.put(vault, collection, recordId, preview.result, { expectedVersion, ...origin })
}
