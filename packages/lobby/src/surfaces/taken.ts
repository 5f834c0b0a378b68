/**
 * What a party says it took of ours, in receipts and on deliveries, as bundles do in their sender block (ADR 49): without it nobody
 * knows which of the bodies that were sent its edits started from.
 */
import { receivedFrom } from '../exchange/answers.ts'
import type { State } from '../state.ts'
import type { ExchangeEntry } from './exchange-entry.ts'
import type { ExchangeHead } from './exchange-rows.ts'

/** For the next file to that party: what stands here of what it sent. One with rows left out is no base for all of them. */
export async function takenOf(state: State, party: string): Promise<string[]> {
  const { imports } = await receivedFrom(state, party)
  return imports.flatMap(({ exchangeId, excluded }) =>
    exchangeId === null || excluded.length > 0 ? [] : [exchangeId],
  )
}

/** Of a receipt or a delivery; what comes late does not take back what was said since. */
export function tookSaid(
  { took }: ExchangeHead,
  said: { readonly at: string; readonly taken?: readonly string[] },
): Pick<ExchangeHead, 'took'> {
  if (said.taken === undefined || (took !== undefined && said.at < took.at)) return {}
  return { took: { at: said.at, ids: said.taken } }
}

/** Whether a delivery that the later ones build on is not there any more: only everything makes that good. */
export async function wasUndone(state: State, entries: readonly ExchangeEntry[]): Promise<boolean> {
  const received = entries.filter(({ kind }) => kind === 'received')
  const since = received.slice(
    Math.max(
      0,
      received.findLastIndex(({ base }) => base === null),
    ),
  )
  const imports = new Set(since.map(({ importId }) => importId))
  return (await state.journal.list()).some(({ id, status }) => status === 'undone' && imports.has(id))
}
