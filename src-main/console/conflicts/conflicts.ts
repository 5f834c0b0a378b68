/** The conflict queue over all clients, as the screens ask for it. */
import type { ConflictQueue, ConflictRef } from '@klum-db/lobby'
import type { CallContext } from '../../../src-shared/ipc/define.ts'
import type { InputOf, OutputOf } from '../../../src-shared/ipc/contract.ts'
import { clientNames } from '../clients/names.ts'
import { conflictIndex } from '../engine.ts'
import { recordTitles } from '../records.ts'
import type { RuleBook } from '../rules.ts'
import type { Open, Session } from '../session.ts'
import { conflictDetail } from './conflict-detail.ts'
import { conflictRows } from './conflict-rows.ts'
import { engineFilter, engineRule, type Filter } from './engine-filter.ts'
import { labelOf } from './field-rows.ts'
import { previewMany } from './preview-many.ts'
import type { QueueHolder } from './queue.ts'

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

export function createConflicts(session: Session, parts: Parts, locale: () => string): ConflictsService {
  const { queue } = parts
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
    preview: (request) => session.use((open) => preview(open, parts, request)),
    decide: (request) => session.use(async (open) => decide(await queue.get(open), request)),
    previewMany: (request, context) => session.use((open) => previewMany(open, parts, request, context)),
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

interface Parts {
  readonly queue: QueueHolder
  readonly rules: RuleBook
}

/** One read of the conflict, judged by the rules that will judge the decision. */
async function preview(
  open: Open,
  { queue, rules }: Parts,
  { ref, resolution }: InputOf<'conflicts.preview'>,
): Promise<OutputOf<'conflicts.preview'>> {
  const found = await (await queue.get(open)).preview(ref, resolution)
  const { result, issues, moved, broken = [] } = found
  const client = broken.length === 0 ? '' : (await clientNames(open.state))(ref.vault)
  return {
    result,
    issues: issues.map((issue) => ({ ...issue })),
    broken: await rules.view(open, { vault: ref.vault, client }, broken),
    moved,
  }
}

function decide(
  queue: ConflictQueue,
  { ref, resolution, reason, override, expectRowVersion, expectRecordVersion }: InputOf<'conflicts.decide'>,
): Promise<OutputOf<'conflicts.decide'>> {
  return queue.decide(ref, resolution, {
    expectRowVersion,
    expectRecordVersion,
    ...(reason !== undefined && { reason }),
    ...(override !== undefined && { override: { reason: override } }),
  })
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
