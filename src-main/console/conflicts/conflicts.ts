/** The conflict queue over all clients, as the screens ask for it. */
import type { ConflictFilter, ConflictRef, DecisionRule } from '@klum-db/lobby'
import type { CallContext } from '../../../src-shared/ipc/define.ts'
import type { InputOf, OutputOf } from '../../../src-shared/ipc/contract.ts'
import type { BulkRuleView } from '../../../src-shared/ipc/conflicts.ts'
import { clientNames } from '../clients/names.ts'
import { conflictIndex } from '../engine.ts'
import { recordTitles } from '../records.ts'
import type { RuleBook } from '../rules.ts'
import type { Open, Session } from '../session.ts'
import { conflictDetail } from './conflict-detail.ts'
import { conflictRows } from './conflict-rows.ts'
import { labelOf } from './field-rows.ts'
import type { QueueHolder } from './queue.ts'

type Filter = InputOf<'conflicts.previewMany'>['filter']

export interface ConflictsService {
  counts(): Promise<OutputOf<'conflicts.counts'>>
  list(request: { filter: Filter; offset: number; limit: number }): Promise<OutputOf<'conflicts.list'>>
  get(ref: ConflictRef): Promise<OutputOf<'conflicts.get'>>
  preview(request: InputOf<'conflicts.preview'>): Promise<OutputOf<'conflicts.preview'>>
  decide(request: InputOf<'conflicts.decide'>): Promise<OutputOf<'conflicts.decide'>>
  previewMany(
    request: InputOf<'conflicts.previewMany'>,
    context: CallContext,
  ): Promise<OutputOf<'conflicts.previewMany'>>
  decideMany(
    request: InputOf<'conflicts.decideMany'>,
    context: CallContext,
  ): Promise<OutputOf<'conflicts.decideMany'>>
  undo(batchId: string): Promise<OutputOf<'conflicts.undo'>>
}

const sampleShown = 5

export function createConflicts(
  session: Session,
  queue: QueueHolder,
  rules: RuleBook,
  locale: () => string,
): ConflictsService {
  return {
    counts: () => session.use((open) => countConflicts(open, queue)),
    list: ({ filter, offset, limit }) =>
      session.use(async (open) => {
        const page = await (await queue.get(open)).list(engineFilter(filter), { limit: offset + limit })
        const rows = await conflictRows(open, page.rows.slice(offset))
        const end = offset + rows.length
        return { rows, total: page.total, cursor: end < page.total ? String(end) : null }
      }),
    get: (ref) =>
      session.use(async (open) => conflictDetail(open, await (await queue.get(open)).get(ref), locale())),
    preview: ({ ref, resolution }) =>
      session.use(async (open) => {
        const conflicts = await queue.get(open)
        const { result, issues, moved } = await conflicts.preview(ref, resolution)
        const { current } = await conflicts.get(ref)
        const broken = await rules.newlyBroken(open, ref, current, result)
        return { result, issues: issues.map((issue) => ({ ...issue })), broken: [...broken], moved }
      }),
    decide: ({ ref, resolution, reason, expectRowVersion, expectRecordVersion }) =>
      session.use(async (open) => {
        const options = { expectRowVersion, expectRecordVersion, ...(reason !== undefined && { reason }) }
        return (await queue.get(open)).decide(ref, resolution, options)
      }),
    previewMany: (request, context) => session.use((open) => previewMany(open, queue, request, context)),
    decideMany: ({ filter, rule, hash, reason }, context) =>
      session.use(async (open) => {
        const options = { expectHash: hash, ...(reason !== undefined && { reason }) }
        const work = { signal: context.signal, onProgress: context.progress }
        return (await queue.get(open)).decideMany(engineFilter(filter), engineRule(rule), options, work)
      }),
    undo: (batchId) =>
      session.use(async (open) => {
        const { reopened, remaining } = await (await queue.get(open)).undo(batchId)
        return { undone: reopened, remaining }
      }),
  }
}

async function countConflicts(open: Open, queue: QueueHolder): Promise<OutputOf<'conflicts.counts'>> {
  const counts = await (await queue.get(open)).counts()
  const nameOf = await clientNames(open.state)
  const byVault = Object.entries(counts.byVault).map(([vault, number]) => {
    return { vault, name: nameOf(vault), open: number }
  })
  return {
    open: counts.open,
    decided: counts.decided,
    byVault: byVault.sort((a, b) => b.open - a.open || a.name.localeCompare(b.name)),
    byField: await countFields(open),
  }
}

/** By top-level field: what a rule or a filter can name. */
async function countFields(open: Open): Promise<OutputOf<'conflicts.counts'>['byField']> {
  const titles = recordTitles(open)
  const found = new Map<string, { field: string; label: string; open: number }>()
  for (const summary of await conflictIndex(open)) {
    if (summary.status !== 'open') continue
    for (const field of new Set(summary.fields.map((path) => path.split('.')[0] ?? path))) {
      const known = found.get(field) ?? { field, label: labelOf(titles.template(summary), field), open: 0 }
      found.set(field, { ...known, open: known.open + 1 })
    }
  }
  return [...found.values()].sort((a, b) => b.open - a.open || a.label.localeCompare(b.label))
}

async function previewMany(
  open: Open,
  queue: QueueHolder,
  { filter, rule }: InputOf<'conflicts.previewMany'>,
  context: CallContext,
): Promise<OutputOf<'conflicts.previewMany'>> {
  const work = { signal: context.signal, onProgress: context.progress }
  const preview = await (await queue.get(open)).previewMany(engineFilter(filter), engineRule(rule), work)
  const wanted = new Set(preview.sample.slice(0, sampleShown).map(({ ref }) => ref.conflictId))
  const sample = (await conflictIndex(open)).filter(({ conflictId }) => wanted.has(conflictId))
  const matching = preview.matched - preview.refused.length
  return {
    hash: preview.hash,
    matching,
    left: preview.found - matching,
    sample: await conflictRows(open, sample),
  }
}

/** Absent members are left out: to the engine an undefined one is a condition too. */
function engineFilter(filter: Filter): ConflictFilter {
  const { status = 'open', ...rest } = filter
  const given = Object.entries(rest).filter(([, value]) => value !== undefined)
  return { status, ...Object.fromEntries(given) }
}

function engineRule({
  take,
  onlyFields = [],
}: Pick<BulkRuleView, 'take'> & { onlyFields?: string[] | undefined }): DecisionRule {
  return onlyFields.length === 0 ? { take } : { take, fields: onlyFields }
}
