/** The exchange log as a file, and what two offices' logs say about each other, in words. */
import {
  compareExchangeLogs,
  decodeExchangeLog,
  type Divergence,
  encodeExchangeLog,
  type ExchangeEntry,
  listExchanges,
} from '@klum-db/lobby'
import type { LogComparisonView } from '../../../src-shared/ipc/agreement-views.ts'
import type { FileRef } from '../../../src-shared/ipc/common.ts'
import type { FilesService } from '../files.ts'
import { offerFile } from './acts.ts'
import { counterpartOf, type Desk } from './desk.ts'
import { wordsOf } from './terms.ts'
import { clientOf } from './desk.ts'

export async function offerLog(desk: Desk, files: FilesService, id: string): Promise<FileRef> {
  const { party } = counterpartOf(desk, await desk.surfaces.get(id))
  const entries = await listExchanges(desk.state, id)
  return offerFile(desk, files, party, 'log', encodeExchangeLog(entries))
}

export async function compareLogs(desk: Desk, id: string, file: Uint8Array): Promise<LogComparisonView> {
  const { party } = counterpartOf(desk, await desk.surfaces.get(id))
  const [ours, theirs] = [await listExchanges(desk.state, id), decodeExchangeLog(file)]
  const { agreed, underway, first } = compareExchangeLogs(ours, theirs)
  if (first === null) return { agreed, underway, first }
  const words = wordsOf(desk.open, await clientOf(desk, id))
  const entry = (first.side === 'ours' ? ours : theirs)[first.seq - 1]
  const text = divergenceText(first, { party, entry, label: words.label })
  return { agreed, underway, first: { kind: first.kind, text } }
}

interface Named {
  readonly party: string
  readonly entry: ExchangeEntry | undefined
  readonly label: (collection: string) => string
}

/** Two sentences: what differs, and what to do about it. */
function divergenceText(first: Divergence, { party, entry, label }: Named): string {
  const number = entry?.sequence === null || entry === undefined ? '' : ` no. ${entry.sequence}`
  const whose = first.side === 'ours' ? 'your' : `${party}’s`
  switch (first.kind) {
    case 'broken':
      return `Line ${first.seq} of ${whose} log was altered, removed or moved. Compare it with a backup of that office.`
    case 'unknown':
      return first.side === 'ours'
        ? `Delivery${number} was taken here, but ${party} has no line of having sent it. One of the workspaces was restored from a backup; ask for everything once.`
        : `${party} has taken delivery${number}, which your log does not know. One of the workspaces was restored from a backup; send everything once.`
    case 'lost':
      return first.side === 'ours'
        ? `Delivery${number} never reached ${party}. The one after it made that good; nothing needs to be done.`
        : `Delivery${number} of ${party} never arrived here. The one after it made that good; nothing needs to be done.`
    case 'differs':
      return first.collection === null
        ? `Delivery${number} stands in both logs, but under different terms. Ask ${party} for their files of this agreement.`
        : `${label(first.collection)} in delivery${number} are not the same in both logs. Ask ${party} for everything once.`
  }
}
