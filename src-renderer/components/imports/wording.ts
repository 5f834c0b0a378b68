/** What imports are called in words. */
import type { RowCounts } from '../../../src-shared/ipc/common.ts'
import type { TargetCollection } from '../../../src-shared/ipc/foreign.ts'
import type { PlanRow, SenderView } from '../../../src-shared/ipc/imports.ts'
import { counted } from '../ui/format.ts'

export type Outcome = PlanRow['outcome']

/** The rows behind one count of a check. */
export interface Drill {
  /** All clients when it is missing. */
  readonly vault: string | undefined
  readonly name: string
  /** Of rows that break a rule when it is missing, whatever becomes of them. */
  readonly outcome: Outcome | undefined
}

export const outcomes: ReadonlyArray<{
  readonly outcome: Outcome
  readonly label: string
  readonly meaning: string
}> = [
  { outcome: 'insert', label: 'New', meaning: 'not here yet, will be added' },
  { outcome: 'update', label: 'Updated', meaning: 'changed by them only, will be replaced' },
  { outcome: 'merge', label: 'Merged', meaning: 'changed by both in different fields, will be merged' },
  { outcome: 'delete', label: 'Removed', meaning: 'deleted by them, not changed by you, will be removed' },
  { outcome: 'keep', label: 'Kept', meaning: 'changed by you only, stays as it is' },
  { outcome: 'equal', label: 'Equal', meaning: 'the same on both sides' },
  { outcome: 'queue', label: 'To decide', meaning: 'changed by both in the same field, waits for you' },
  { outcome: 'refuse', label: 'Refused', meaning: 'breaks a rule, cannot be imported' },
]

/** A row by its title, and in a file of another program by its place too. */
export function rowWords({ title, place }: Pick<PlanRow, 'title' | 'place'>): string {
  return place === null || title.endsWith(place) ? title : `${title}, ${place}`
}

/** What the rows behind a count are called. */
export function drillWords({ outcome }: Drill): { readonly label: string; readonly meaning: string } {
  return (
    outcomes.find((one) => one.outcome === outcome) ?? {
      label: 'Against a rule',
      meaning: 'breaks a rule of the template, imported only with a reason',
    }
  )
}

/** "5 added, 51 changed, 2 to decide, 1 refused, none removed". */
export function effectWords(counts: RowCounts, locale: string): string {
  const parts = [
    [counts.insert, 'added'],
    [counts.update + counts.merge, 'changed'],
    [counts.queue, 'to decide'],
    [counts.refuse, 'refused'],
    [counts.delete, 'removed'],
  ] as const
  const words = parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => counted(count, word, word, locale))
  if (words.length === 0) return 'nothing: every record is equal or stays as it is'
  return counts.delete > 0 ? words.join(', ') : `${words.join(', ')}, none removed`
}

/** What a table of another program is a list of. */
export type Listed = Pick<TargetCollection, 'label' | 'recordLabel'>

/** What goes in: "3 clients" of a bundle; "118 invoices into Alfreds" of a table, which a person knows by its rows. */
export function intakeWords(
  perVault: ReadonlyArray<{ readonly name: string }>,
  records: number,
  listed: Listed | undefined,
  locale: string,
): string {
  if (listed === undefined) return counted(perVault.length, 'client', 'clients', locale)
  const { label, recordLabel } = listed
  const what = counted(records, recordLabel.toLowerCase(), label.toLowerCase(), locale)
  return `${what} into ${perVault.map(({ name }) => name).join(', ')}`
}

/** Those that are let in, whatever becomes of them. */
export function recordsIn({ refuse: _, ...taken }: RowCounts): number {
  return Object.values(taken).reduce((sum, count) => sum + count, 0)
}

export interface SenderWords {
  readonly title: string
  readonly advice: string
  readonly tone: 'neutral' | 'theirs' | 'danger' | 'verified'
  readonly badge: string
}

export function senderWords({ state, party }: SenderView): SenderWords {
  const name = party ?? 'an unnamed party'
  const words = {
    known: {
      title: `Signed by ${name}`,
      badge: 'known',
      tone: 'verified',
      advice: 'The key is the one you know.',
    },
    unknown: {
      title: `Signed by ${name}, not seen before`,
      badge: 'unknown',
      tone: 'theirs',
      advice: 'Compare the fingerprint with them by phone. Importing remembers this key.',
    },
    changed: {
      title: `Signed as ${name}, but with another key`,
      badge: 'key changed',
      tone: 'danger',
      advice: 'Do not import before they confirm the new fingerprint in person or by phone.',
    },
    unsigned: {
      title: 'Not signed',
      badge: 'unsigned',
      tone: 'theirs',
      advice: 'Anyone could have made this file. Import it only if you know how it reached you.',
    },
  } as const satisfies Record<SenderView['state'], SenderWords>
  return words[state]
}

/** Where this bundle stands among those of its sender; null where bundles are not numbered. */
export function sequenceWords(
  sender: SenderView,
): { readonly text: string; readonly isFine: boolean } | null {
  const { sequenceState, sequence, lastSequence } = sender
  const number = `No. ${sequence ?? '?'}`
  const missing = (sequence ?? 0) - (lastSequence ?? 0) - 1
  switch (sequenceState) {
    case 'none':
      return null
    case 'first':
      return { text: `${number}, the first you receive from them`, isFine: true }
    case 'next':
      return { text: `${number}, right after no. ${lastSequence ?? '?'}`, isFine: true }
    case 'replay':
      return { text: replayWords(number, sender), isFine: false }
    case 'gap':
      return {
        text: `${number}, but the last was no. ${lastSequence ?? '?'}: ${counted(missing, 'bundle')} missing`,
        isFine: false,
      }
    case 'fork':
      return { text: forkWords(number, sender), isFine: false }
  }
}

/** A number that was passed may belong to a bundle that never came; only the last one is known for certain. */
function replayWords(number: string, { sequence, lastSequence }: SenderView): string {
  if (sequence === lastSequence) return `${number} was received before`
  return `${number} is older than no. ${lastSequence ?? '?'}, the last you received`
}

function forkWords(number: string, { sequence, lastSequence }: SenderView): string {
  if (sequence === lastSequence) return `Another ${number.toLowerCase()} than the one you received`
  return `${number} does not follow the no. ${lastSequence ?? '?'} you received`
}

/** What a gap means, for the person who may still get what is missing; null where nothing is. */
export function gapWords({ party, sequenceState, sequence, lastSequence }: SenderView): string | null {
  if (sequenceState !== 'gap' || sequence === null) return null
  const first = (lastSequence ?? 0) + 1
  const one = first === sequence - 1
  const missing = one ? `No. ${first} has` : `No. ${first} to ${sequence - 1} have`
  return `${missing} not come. Ask ${party ?? 'the sender'} for ${one ? 'it' : 'them'} and import in order: after this bundle ${one ? 'it counts' : 'they count'} as out of order.`
}
