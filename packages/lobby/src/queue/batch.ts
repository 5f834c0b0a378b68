/** Many conflicts by one rule: previewed with a hash, decided only as previewed. */
import { createHash } from 'node:crypto'
import { generateULID } from '@noy-db/hub/kernel'
import type { LongWork } from '@noy-db/hub'
import { canonicalJson } from '../canonical-json.ts'
import { DecisionInvalidError, LobbyError } from '../errors.ts'
import { pace } from '../pace.ts'
import { prepareLoaded, writeDecisions, type PreparedDecision } from './decide.ts'
import { resolutionOf } from './decision-rule.ts'
import { loadConflict, type QueueContext } from './queue-context.ts'
import type { BatchPreview, ConflictPreview, ConflictRef, DecisionRule } from './types.ts'
import { refOf } from './undo-batch.ts'
import { groupBy } from '../group-by.ts'

const SAMPLE = 20

interface Prepared {
  readonly preview: BatchPreview
  readonly decisions: readonly PreparedDecision[]
}

export async function previewBatch(
  context: QueueContext,
  refs: readonly ConflictRef[],
  rule: DecisionRule,
  work?: LongWork,
): Promise<Prepared> {
  const slices = pace(work)
  const matching: PreparedDecision[] = []
  for (const [at, ref] of refs.entries()) {
    await slices.step(at, refs.length)
    const prepared = await prepareByRule(context, ref, rule)
    if (prepared !== null) matching.push(prepared)
  }
  const decisions = matching.filter(({ preview }) => refusalOf(preview, rule).length === 0)
  const hash = createHash('sha256')
  for (const one of decisions) {
    await slices.step()
    hash.update(canonicalJson(decisionText(one)))
  }
  return { decisions, preview: describeBatch(refs.length, rule, matching, decisions, hash.digest('hex')) }
}

async function prepareByRule(
  context: QueueContext,
  ref: ConflictRef,
  rule: DecisionRule,
): Promise<PreparedDecision | null> {
  const loaded = await loadConflict(context, ref)
  const resolution = loaded.view.row.status === 'open' ? resolutionOf(rule, loaded) : null
  return resolution === null ? null : prepareLoaded(context, loaded, resolution)
}

/** Why a rule leaves a conflict open: the schema, or rules it is not told to override. */
function refusalOf({ issues, broken = [] }: ConflictPreview, { override = false }: DecisionRule) {
  const against = broken.filter(
    ({ enforce }) => enforce === 'refuse' || (enforce === 'override' && !override),
  )
  return [...issues, ...against.map(({ path, message }) => ({ path, message }))]
}

function describeBatch(
  found: number,
  rule: DecisionRule,
  matching: readonly PreparedDecision[],
  decisions: readonly PreparedDecision[],
  hash: string,
): BatchPreview {
  const refused = matching.flatMap(({ loaded, preview }) => {
    const issues = refusalOf(preview, rule)
    return issues.length === 0 ? [] : [{ ref: refOf(loaded.view.row), issues }]
  })
  const byVault = groupBy(decisions, ({ loaded }) => loaded.vault.name)
  return {
    found,
    matched: matching.length,
    refused,
    against: matching.flatMap(({ loaded, preview }) => {
      const broken = (preview.broken ?? []).filter(({ enforce }) => enforce !== 'note')
      return broken.length === 0 ? [] : [{ ref: refOf(loaded.view.row), broken }]
    }),
    byVault: Object.fromEntries([...byVault].map(([name, all]) => [name, all.length])),
    sample: decisions.slice(0, SAMPLE).map(({ loaded, resolution, preview }) => ({
      ref: refOf(loaded.view.row),
      resolution,
      preview,
    })),
    hash,
  }
}

function decisionText({ loaded, resolution, preview }: PreparedDecision): unknown[] {
  const { row, rowVersion, currentVersion } = loaded.view
  return [row.vault, row.collection, row.conflictId, rowVersion, currentVersion, resolution, preview.result]
}

export async function decideBatch(
  context: QueueContext,
  refs: readonly ConflictRef[],
  options: { rule: DecisionRule; reason?: string; expectHash: string },
  work?: LongWork,
): Promise<{ batchId: string; decided: number }> {
  const { preview, decisions } = await previewBatch(context, refs, options.rule, work)
  if (preview.hash !== options.expectHash) {
    throw new LobbyError('BATCH_STALE', 'Conflicts or records changed since the preview; look at it again.')
  }
  if (decisions.length === 0) throw new DecisionInvalidError('The rule decides none of these conflicts.')
  const batchId = generateULID()
  const { reason = '' } = options
  if (options.rule.override === true && reason.trim() === '')
    throw new DecisionInvalidError('Deciding against rules needs a reason.')
  const batch = { batchId, command: 'conflicts.decideMany', reason: options.reason ?? null }
  const distinct = distinctRecords(decisions)
  await writeDecisions(
    context,
    distinct,
    { ...batch, ...(options.rule.override === true && { override: { reason, named: false } }) },
    work,
  )
  return { batchId, decided: distinct.length }
}

/** Two conflicts of one record cannot be decided at once: the second was previewed on what the first replaces. */
function distinctRecords(decisions: readonly PreparedDecision[]): PreparedDecision[] {
  const byRecord = new Map<string, PreparedDecision>()
  for (const one of decisions) {
    const { vault, collection, recordId } = one.loaded.view.row
    const key = JSON.stringify([vault, collection, recordId])
    if (!byRecord.has(key)) byRecord.set(key, one)
  }
  return [...byRecord.values()]
}
