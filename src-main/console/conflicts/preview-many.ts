/** What a rule over many conflicts would decide, and which of them would break a rule of their template. */
import type { BatchPreview, ConflictSummary } from '@klum-db/lobby'
import type { InputOf, OutputOf } from '../../../src-shared/ipc/contract.ts'
import type { CallContext } from '../../../src-shared/ipc/define.ts'
import { clientNames } from '../clients/names.ts'
import { conflictIndex } from '../engine.ts'
import type { RuleBook } from '../rules.ts'
import type { Open } from '../session.ts'
import { conflictRows } from './conflict-rows.ts'
import { engineFilter, engineRule } from './engine-filter.ts'
import type { QueueHolder } from './queue.ts'

type Preview = OutputOf<'conflicts.previewMany'>
type Against = BatchPreview['against']

const shown = { sample: 5, against: 50 }

export async function previewMany(
  open: Open,
  { queue, rules }: { readonly queue: QueueHolder; readonly rules: RuleBook },
  { filter, rule }: InputOf<'conflicts.previewMany'>,
  context: CallContext,
): Promise<Preview> {
  const work = { signal: context.signal, onProgress: context.progress }
  const preview = await (await queue.get(open)).previewMany(engineFilter(filter), engineRule(rule), work)
  const { hash, found, matched, refused, sample, against } = preview
  const matching = matched - refused.length
  const index = new Map((await conflictIndex(open)).map((row) => [keyOf(row), row]))
  const first = sample.slice(0, shown.sample).flatMap(({ ref }) => index.get(keyOf(ref)) ?? [])
  return {
    hash,
    matching,
    left: found - matching,
    sample: await conflictRows(open, first),
    against: {
      total: against.length,
      overridable: against.filter(({ broken }) => broken.every(({ enforce }) => enforce === 'override'))
        .length,
      byRule: countedByRule(against),
      rows: await againstRows(open, rules, against.slice(0, shown.against), index),
    },
  }
}

/** An id is one vault's own: bundles made from one file can bring the same conflict to two clients. */
function keyOf({ vault, collection, conflictId }: BatchPreview['against'][number]['ref']): string {
  return JSON.stringify([vault, collection, conflictId])
}

/** Most often broken first. */
function countedByRule(against: Against): Preview['against']['byRule'] {
  const counts = new Map<string, Preview['against']['byRule'][number]>()
  for (const { message, enforce } of against.flatMap(({ broken }) => broken)) {
    counts.set(message, { message, enforce, count: (counts.get(message)?.count ?? 0) + 1 })
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || a.message.localeCompare(b.message))
}

async function againstRows(
  open: Open,
  rules: RuleBook,
  against: Against,
  index: ReadonlyMap<string, ConflictSummary>,
): Promise<Preview['against']['rows']> {
  const known = against.flatMap(({ ref, broken }) => {
    const summary = index.get(keyOf(ref))
    return summary === undefined ? [] : [{ summary, broken }]
  })
  const nameOf = await clientNames(open.state)
  const rows = await conflictRows(
    open,
    known.map(({ summary }) => summary),
  )
  return Promise.all(
    rows.map(async (row, at) => {
      const place = { vault: row.vault, client: nameOf(row.vault) }
      return { ...row, broken: await rules.view(open, place, known[at]?.broken ?? []) }
    }),
  )
}
