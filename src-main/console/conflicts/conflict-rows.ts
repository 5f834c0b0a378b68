/** Rows of the queue as lists show them: the bodies of one page are decrypted for their titles, no more. */
import type { ConflictRow, ConflictSummary } from '@klum-db/lobby'
import type { ConflictRowView } from '../../../src-shared/ipc/conflicts.ts'
import { clientNames } from '../clients/names.ts'
import { partyNames } from '../foreign/profiles.ts'
import { type TitleOf, recordTitles } from '../records.ts'
import type { Open } from '../session.ts'
import { fieldLabels } from './field-rows.ts'

interface RowNames {
  readonly titles: TitleOf
  readonly vaultName: (vaultId: string) => string
  /** Files of other programs by the name of their profile. */
  readonly partyName: (party: string | null) => string | null
}

export async function rowNames(open: Open): Promise<RowNames> {
  const [vaultName, partyName] = await Promise.all([clientNames(open.state), partyNames(open)])
  return { titles: recordTitles(open), vaultName, partyName }
}

export async function conflictRows(
  open: Open,
  summaries: readonly ConflictSummary[],
): Promise<ConflictRowView[]> {
  const names = await rowNames(open)
  const bodies = await bodiesOf(open, summaries)
  return summaries.map((summary) => rowView(summary, bodies.get(summary) ?? null, names))
}

/** `body` gives the record its title: ours, or theirs where ours is gone. */
export function rowView(
  summary: ConflictSummary,
  body: ConflictRow['ours'],
  names: RowNames,
): ConflictRowView {
  const { vault, collection, conflictId, recordId, kind, status, queuedAt, party } = summary
  return {
    vault,
    collection,
    conflictId,
    recordId,
    vaultName: names.vaultName(vault),
    title: names.titles.title({ vault, collection, id: recordId }, body),
    kind,
    status,
    fields: [...new Set(fieldLabels(names.titles.template(summary), summary.fields))],
    queuedAt,
    party: names.partyName(party),
    batchId: summary.batchId ?? null,
  }
}

async function bodiesOf(
  open: Open,
  summaries: readonly ConflictSummary[],
): Promise<Map<ConflictSummary, ConflictRow['ours']>> {
  const bodies = new Map<ConflictSummary, ConflictRow['ours']>()
  for (const vaultId of new Set(summaries.map(({ vault }) => vault))) {
    const inVault = summaries.filter((summary) => summary.vault === vaultId)
    const vault = await open.vault(vaultId)
    const keys = inVault.map(({ collection, conflictId }) => ({ collection, key: conflictId }))
    const rows = await vault.sidecar<ConflictRow>('_conflicts').getMany(keys)
    for (const [at, summary] of inVault.entries()) bodies.set(summary, titleBody(rows[at]?.row))
  }
  return bodies
}

export function titleBody(row: ConflictRow | undefined): ConflictRow['ours'] {
  return row?.ours ?? row?.theirs ?? row?.base ?? null
}
