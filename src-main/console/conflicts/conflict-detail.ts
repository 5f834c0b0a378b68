/** One conflict with everything a person needs to decide it. */
import type { ConflictField, ConflictRow, ConflictView, SideOrigin } from '@klum-db/lobby'
import { currencyOf } from '@klum-db/lobby/templates'
import type { ConflictDetailView } from '../../../src-shared/ipc/conflicts.ts'
import { personName } from '../people.ts'
import type { Open } from '../session.ts'
import { comparedSides } from './compared-sides.ts'
import { rowNames, rowView, titleBody } from './conflict-rows.ts'
import { explain } from './explanation.ts'
import { fieldRows, labelOf } from './field-rows.ts'

export async function conflictDetail(
  open: Open,
  view: ConflictView,
  locale: string,
): Promise<ConflictDetailView> {
  const { row } = view
  const { ours, fields } = comparedSides(view)
  const names = await rowNames(open)
  const template = names.titles.template(row)
  const shown = ours ?? row.theirs ?? row.base
  const summary = { ...row, ...(row.decision && { batchId: row.decision.batchId }) }
  const base = rowView(summary, ours ?? titleBody(row), names)
  return {
    ...base,
    baseKnown: row.base !== null,
    baseAt: row.baseOrigin?.at ?? null,
    oursOrigin: originView(open, row.oursOrigin),
    theirsOrigin: originView(open, row.theirsOrigin, base.party),
    explanation: explain({
      kind: row.kind,
      title: base.title,
      party: base.party,
      person: personName(open, row.oursOrigin.by),
      ours: row.oursOrigin,
      theirs: row.theirsOrigin,
      baseAt: row.baseOrigin?.at ?? null,
      fields: changedFields(fields).map(({ path, changedBy }) => {
        return { changedBy, label: labelOf(template, path) }
      }),
      locale,
    }),
    moved: view.moved,
    currency: currencyOf(template, shown),
    base: row.base,
    ours,
    theirs: row.theirs,
    fields: fieldRows(template, fields, shown),
    rowVersion: view.rowVersion,
    recordVersion: view.currentVersion,
    decision: decisionView(open, row),
  }
}

function changedFields(fields: readonly ConflictField[]): ConflictField[] {
  return fields.filter(({ changedBy }) => changedBy !== 'none')
}

/** The other side's user ids mean nothing here: its party is who made it. */
function originView(
  open: Open,
  origin: SideOrigin,
  party: string | null = null,
): ConflictDetailView['oursOrigin'] {
  const { by, at, source, version } = origin
  return { by: party ?? personName(open, by), at, source: source ?? null, version }
}

function decisionView(open: Open, { decision }: ConflictRow): ConflictDetailView['decision'] {
  if (decision === undefined) return null
  const { resolution, result, reason, actor, decidedAt, batchId } = decision
  return { resolution, result, reason, actor: personName(open, actor) ?? actor, decidedAt, batchId }
}
