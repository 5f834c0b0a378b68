/** Agreements in words: where one stands, what may be done, what each act is called. */
import type { ActKind, AgreementRow, Direction } from '../../../src-shared/ipc/agreement-views.ts'
import { formatDate } from '../../../src-shared/model/dates.ts'
import { counted } from '../ui/format.ts'

export const directionWords: Readonly<Record<Direction, string>> = {
  send: 'you send',
  receive: 'you receive',
  both: 'both ways',
}

export type Tone = 'neutral' | 'accent' | 'theirs' | 'danger' | 'verified'

/** Where it stands, and in which tone; what waits for an answer from here comes before all else. */
export function standing(row: Pick<AgreementRow, 'state' | 'asked' | 'answer' | 'suspendedBy' | 'party'>): {
  readonly text: string
  readonly tone: Tone
} {
  const { state, asked, answer, party } = row
  const isLate = asked !== null && answer?.isOver === true
  if (isLate && state === 'proposed') return lateStanding(asked)
  if (state === 'proposed')
    return asked === 'theirs'
      ? { text: 'waits for your answer', tone: 'theirs' }
      : { text: `waits for ${party}`, tone: 'neutral' }
  if (state === 'suspended') return { text: suspendedWords(row), tone: 'neutral' }
  if (state === 'agreed' && asked === 'theirs' && !isLate)
    return { text: 'in force, change asked', tone: 'theirs' }
  if (state === 'agreed') return { text: 'in force', tone: 'verified' }
  return { text: state, tone: 'neutral' }
}

function lateStanding(asked: NonNullable<AgreementRow['asked']>): { text: string; tone: Tone } {
  return asked === 'ours'
    ? { text: 'not answered in time', tone: 'theirs' }
    : { text: 'time to answer is over', tone: 'neutral' }
}

/** "Answer by 3 Jun 2026."; once that is over, what can still be done. Empty where nothing waits, or for as long as it may. */
export function answerWords(
  { asked, answer, party, version }: Pick<AgreementRow, 'asked' | 'answer' | 'party' | 'version'>,
  locale: string,
): string {
  if (asked === null || answer === null) return ''
  const day = formatDate(answer.by.slice(0, 10), locale)
  if (!answer.isOver)
    return asked === 'ours'
      ? `${party} may answer until ${day}.`
      : `Answer by ${day}; later it does not count.`
  if (asked === 'theirs')
    return `The time to answer was over on ${day}. Nothing changes, unless ${party} asks again.`
  const again =
    version === 0
      ? 'Withdraw it, and propose again if it is still wanted.'
      : 'Ask again if it is still wanted.'
  return `${party} has not answered by ${day}. An answer signed before then still counts when it comes. ${again}`
}

function suspendedWords({ suspendedBy, party }: Pick<AgreementRow, 'suspendedBy' | 'party'>): string {
  if (suspendedBy.length > 1) return 'suspended by both'
  return suspendedBy[0] === 'ours' ? 'suspended by you' : `suspended by ${party}`
}

/** "due now", "3 days late, 1 missed", "next on 3 Jun 2026". */
export function dueWords(
  { cadence }: Pick<AgreementRow, 'cadence'>,
  locale: string,
  now = Date.now(),
): string {
  const { status, dueAt, missed } = cadence
  if (status === 'off' || dueAt === null) return 'by hand'
  if (status === 'waiting') return `next on ${formatDate(dueAt.slice(0, 10), locale)}`
  if (status === 'due') return 'due now'
  const since = lateness(now - Date.parse(dueAt), locale)
  return missed > 0 ? `${since} late, ${counted(missed, 'time', 'times', locale)} missed` : `${since} late`
}

const hour = 60 * 60 * 1000

function lateness(ms: number, locale: string): string {
  const days = Math.floor(ms / (24 * hour))
  return days > 0
    ? counted(days, 'day', 'days', locale)
    : counted(Math.max(1, Math.floor(ms / hour)), 'hour', 'hours', locale)
}

export function cadenceWords(cadenceMs: number | null, locale: string): string {
  const known = cadences.find(({ ms }) => ms === cadenceMs)
  if (known !== undefined) return known.label.toLowerCase()
  return `every ${counted(Math.round((cadenceMs ?? 0) / hour), 'hour', 'hours', locale)}`
}

const day = 24 * hour

export const cadences: ReadonlyArray<{
  readonly value: string
  readonly label: string
  readonly ms: number | null
}> = [
  { value: 'none', label: 'When somebody thinks of it', ms: null },
  { value: 'day', label: 'Every day', ms: day },
  { value: 'week', label: 'Every week', ms: 7 * day },
  { value: 'fortnight', label: 'Every two weeks', ms: 14 * day },
  { value: 'month', label: 'Every 30 days', ms: 30 * day },
]

interface ActWords {
  /** The button. */
  readonly verb: string
  /** "You … this agreement on 3 May": what was done. */
  readonly past: string
  readonly key: string
  readonly danger?: boolean
}

export const actWords: Readonly<Record<ActKind, ActWords>> = {
  propose: { verb: 'Propose', past: 'proposed', key: 'p' },
  agree: { verb: 'Countersign', past: 'countersigned', key: 'c' },
  decline: { verb: 'Decline', past: 'declined', key: 'd' },
  suspend: { verb: 'Suspend', past: 'suspended', key: 's' },
  resume: { verb: 'Resume', past: 'resumed', key: 'r' },
  narrow: { verb: 'Narrow', past: 'narrowed', key: 'n' },
  renew: { verb: 'Renew', past: 'asked to renew', key: 'y' },
  withdraw: { verb: 'Withdraw', past: 'withdrew from', key: 'w', danger: true },
}
