/** The words of the conflict screen that are put together from facts. */
import type { ConflictDetailView, ConflictRowView } from '../../../src-shared/ipc/conflicts.ts'
import type { ConflictDraft, Side } from '../../stores/conflict-draft.svelte.ts'

export const kindWords: Readonly<Record<ConflictRowView['kind'], string>> = {
  'edited-by-both': 'Edited by both',
  'deleted-here': 'Deleted here, edited there',
  'deleted-there': 'Edited here, deleted there',
  'no-base': 'No common version',
  'possible-duplicate': 'Possible duplicate',
}

export const sideLetters: Readonly<Record<Side, string>> = { base: 'Base', ours: 'A', theirs: 'B' }

/** "freight, ship to +2": what differs, in the room of a row. */
export function fieldSummary(row: ConflictRowView): string {
  if (row.kind === 'deleted-here') return 'deleted / edited'
  if (row.kind === 'deleted-there') return 'edited / deleted'
  if (row.kind === 'possible-duplicate') return 'here already?'
  // The fields of one line count as the line.
  const [first, second, ...rest] = new Set(row.fields.map((label) => label.split(': ')[0]))
  const names = [first, second].filter((name) => name !== undefined).join(', ')
  return rest.length > 0 ? `${names} +${rest.length}` : names
}

/** A row of the queue in the order it is read: what stands in it, all of it. */
export function rowName(row: ConflictRowView, now = Date.now()): string {
  return [row.title, row.vaultName, fieldSummary(row), shortAge(row.queuedAt, now)]
    .filter((part) => part !== '')
    .join(', ')
}

const ages = [
  ['y', 31_557_600],
  ['mo', 2_629_800],
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const

/** "2 d": how long it has been waiting, in the room of a column. */
export function shortAge(iso: string, now = Date.now()): string {
  const seconds = (now - Date.parse(iso)) / 1000
  const step = ages.find(([, size]) => seconds >= size)
  return step ? `${Math.floor(seconds / step[1])} ${step[0]}` : 'now'
}

/** Names of the fields that still wait, the first three of them. */
export function waitingWords(draft: ConflictDraft): string {
  const { open, deletion, detail } = draft
  if (open.length === 0) return ''
  if (deletion) return 'Choose whether the record stays deleted.'
  const labels = open.map((path) => detail.fields.find((field) => field.path === path)?.hint.label ?? path)
  const more = labels.length > 3 ? ` and ${labels.length - 3} more` : ''
  return `Still to pick: ${labels.slice(0, 3).join(', ')}${more}`
}

export function partyName(detail: ConflictDetailView, side: Side): string {
  if (side === 'base') return detail.baseKnown ? 'as last exchanged' : 'no common version'
  const origin = side === 'ours' ? detail.oursOrigin : detail.theirsOrigin
  return origin.by ?? (side === 'theirs' ? (detail.party ?? 'The sender') : 'Here')
}

export function resolutionWords(detail: ConflictDetailView): string {
  const resolution = detail.decision?.resolution
  if (!resolution) return ''
  const words = {
    ours: 'Took A, the version here',
    theirs: 'Took B, the version that arrived',
    base: 'Took the base',
    delete: 'Deleted the record',
    close: 'Closed without a change',
    fields: 'Decided field by field',
  } as const
  return words[resolution.kind]
}
