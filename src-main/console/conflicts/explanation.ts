/** Why a record needs a person, in words that name the sides and the dates; never "local" and "remote". */
import type { ConflictField, ConflictKind, SideOrigin } from '@klum-db/lobby'
import { formatDate } from '../../../src-shared/model/dates.ts'

export interface Explained {
  readonly kind: ConflictKind
  /** "Invoice 10248". */
  readonly title: string
  /** Who the other side is; null where nobody signed. */
  readonly party: string | null
  /** The person on this side. */
  readonly person: string | null
  readonly ours: SideOrigin
  readonly theirs: SideOrigin
  readonly baseAt: string | null
  readonly fields: readonly (Pick<ConflictField, 'changedBy'> & { readonly label: string })[]
  readonly locale: string
}

export function explain(conflict: Explained): string {
  const party = conflict.party ?? 'the sender'
  switch (conflict.kind) {
    case 'edited-by-both':
      return editedByBoth(conflict, party)
    case 'no-base':
      return `${conflict.title} is different at ${party}, and no earlier exchange of it is known, so it cannot be told who changed it. ${sides(conflict, party)}`
    case 'possible-duplicate':
      return `${conflict.title} from ${party} looks like a document that is here already: what tells such documents apart is the same. Taking A leaves it out; taking B adds it as a second one.`
    case 'deleted-here':
      return `You deleted ${conflict.title}${on(conflict.ours.at, conflict)}; ${party} changed ${fieldsOf(conflict, 'theirs')}${since(conflict)}.`
    case 'deleted-there':
      return deletedThere(conflict, party)
  }
}

function deletedThere(conflict: Explained, party: string): string {
  const deleted = `${capital(party)} deleted ${conflict.title}${on(conflict.theirs.at, conflict)}`
  if (conflict.baseAt === null)
    return `${deleted}. No earlier exchange of it is known, so it cannot be told whether it changed here.`
  const changed = conflict.fields.some(({ changedBy }) => changedBy === 'ours' || changedBy === 'both')
  if (changed) return `${deleted}; you changed ${fieldsOf(conflict, 'ours')}${since(conflict)}.`
  return `${deleted}. Here it did not change, but other records may refer to it.`
}
function editedByBoth(conflict: Explained, party: string): string {
  const both = labelsOf(conflict, 'both')
  const [ours, theirs] = [labelsOf(conflict, 'ours'), labelsOf(conflict, 'theirs')]
  if (both.length > 0) {
    const single = [...ours, ...theirs]
    const rest = single.length === 0 ? '' : ` ${listed(single)} changed on one side only.`
    return `You and ${party} both changed ${listed(both)}${since(conflict)}. ${sides(conflict, party)}${rest}`
  }
  // Queued although nothing collides: the import was told to ask about every change.
  if (ours.length === 0) return `${oneSided(capital(party), theirs, conflict)} Here it did not change.`
  if (theirs.length === 0) return `${oneSided('You', ours, conflict)} At ${party} it did not change.`
  return `You changed ${listed(ours)}, and ${party} changed ${listed(theirs)}${since(conflict)}. ${sides(conflict, party)}`
}

function oneSided(who: string, labels: readonly string[], conflict: Explained): string {
  const what = labels.length === 0 ? conflict.title : listed(labels)
  return `${who} changed ${what}${since(conflict)}; this import asks about every change.`
}

function labelsOf({ fields }: Explained, side: ConflictField['changedBy']): string[] {
  return [...new Set(fields.filter(({ changedBy }) => changedBy === side).map(({ label }) => label))]
}

/** "You (Anna Berger): 9 May 2026. Bookkeeper: 8 May 2026." */
function sides(conflict: Explained, party: string): string {
  const you = conflict.person === null ? 'You' : `You (${conflict.person})`
  return `${you}: ${day(conflict.ours.at, conflict)}. ${capital(party)}: ${day(conflict.theirs.at, conflict)}.`
}

function fieldsOf(conflict: Explained, side: 'ours' | 'theirs'): string {
  const changed = conflict.fields.filter(({ changedBy }) => changedBy === side || changedBy === 'both')
  return changed.length === 0 ? 'it' : listed(changed.map(({ label }) => label))
}

function since(conflict: Explained): string {
  return conflict.baseAt === null ? '' : ` since ${day(conflict.baseAt, conflict)}`
}

function on(at: string | null, { locale }: Explained): string {
  return at === null ? '' : ` on ${formatDate(at.slice(0, 10), locale)}`
}

function day(at: string | null, { locale }: Explained): string {
  return at === null ? 'date not known' : formatDate(at.slice(0, 10), locale)
}

/** "Freight, Total and 3 more". */
function listed(labels: readonly string[]): string {
  const shown = labels.slice(0, 3)
  const rest = labels.length - shown.length
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`
  const last = shown.at(-1) ?? ''
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
