/**
 * What the reviewer decides about each of the sixty, by position, and what record must come of it. Written against the
 * tables only: the product's own merge is what this is compared with.
 */
import { bookkeeperEdit, editedKeys, firmEdit, sharedClients } from './edits.ts'
import { northwindClients } from './records.ts'

export type Invoice = Readonly<Record<string, unknown>>
export type Side = 'ours' | 'theirs' | 'base'

/** One field of one decision: a side, or what the reviewer types and what that means. */
export interface Pick {
  readonly path: string
  readonly label: string
  readonly take: Side | { readonly typed: string; readonly value: unknown }
}

/** `suggested`: the reviewer accepts what the console proposes. `rule`: left for one of the two rules. */
export type Choice = Side | 'suggested' | 'rule-ship-to' | 'rule-notes' | readonly Pick[]

export interface Conflict {
  readonly nth: number
  readonly id: string
  readonly customerId: string
  readonly company: string
  readonly base: Invoice
  readonly ours: Invoice
  readonly theirs: Invoice
  readonly choice: Choice
}

const labels = {
  freight: 'Freight',
  net: 'Net',
  total: 'Total',
  shipName: 'Ship to',
  status: 'Status',
  notes: 'Notes',
}
const pick = (path: keyof typeof labels, take: Pick['take']): Pick => ({ path, label: labels[path], take })
/** Freight, and the sums that go with it. */
const amounts = (take: Side): Pick[] => [pick('freight', take), pick('net', take), pick('total', take)]

/** The sixty in the order of `editedKeys`. */
export function expectedConflicts(): Conflict[] {
  const shared = sharedClients(northwindClients())
  const byId = new Map(shared.map((client) => [client.customerId, client]))
  return editedKeys(shared).map(({ customerId, id }, nth) => {
    const client = byId.get(customerId)
    const base = client?.invoices.get(id)
    if (!client || !base) throw new Error(`There is no invoice ${id}.`)
    const ours = firmEdit(base, nth) ?? base
    const theirs = bookkeeperEdit(base, nth)
    return { nth, id, customerId, company: client.company, base, ours, theirs, choice: choiceFor(nth, base) }
  })
}

/** By hand: every way there is. The rest follows two rules, or alternates between the sides. */
function choiceFor(nth: number, base: Invoice): Choice {
  const byHand: Readonly<Record<number, Choice>> = {
    0: ownAmounts(base),
    2: 'ours',
    3: 'ours',
    5: [pick('status', 'ours'), pick('notes', 'theirs')],
    6: 'theirs',
    8: [pick('status', 'theirs'), pick('notes', 'theirs')],
    9: amounts('theirs'),
    10: 'suggested',
    11: [
      pick('status', 'theirs'),
      pick('notes', { typed: 'paid, see statement', value: 'paid, see statement' }),
    ],
    12: 'suggested',
    13: 'theirs',
    15: [...amounts('base'), pick('notes', 'ours')],
    16: 'ours',
    18: 'theirs',
    19: [pick('shipName', 'theirs'), pick('notes', 'ours')],
    22: [pick('shipName', 'base'), pick('notes', 'theirs')],
    24: [...amounts('theirs'), pick('notes', 'base')],
  }
  const chosen = byHand[nth]
  if (chosen !== undefined) return chosen
  if (nth % 3 === 2) return 'rule-notes'
  if (nth % 3 === 1 && nth < 10) return 'rule-ship-to'
  return nth % 2 === 0 ? 'ours' : 'theirs'
}

/** Freight as on the carrier's own bill: an amount that neither side has, and the sums that go with it. */
function ownAmounts(base: Invoice): Pick[] {
  const freight = 123_45
  const net = Number(base['net']) - Number(base['freight']) + freight
  const typed = (cents: number): Pick['take'] => ({
    typed: `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`,
    value: cents,
  })
  return [pick('freight', typed(freight)), pick('net', typed(net)), pick('total', typed(net))]
}

/** The record that must be stored. */
export function decidedRecord({ base, ours, theirs, choice }: Conflict): Invoice {
  const sides = { base, ours, theirs }
  if (choice === 'rule-ship-to' || choice === 'rule-notes') return theirs
  if (choice === 'suggested') return suggested(sides)
  if (typeof choice === 'string') return sides[choice]
  const picked: Invoice = Object.fromEntries(
    choice.map(({ path, take }): [string, unknown] => [
      path,
      typeof take === 'string' ? sides[take][path] : take.value,
    ]),
  )
  const result: Invoice = { ...ours, ...picked }
  // A side without the field: the record has none either.
  return Object.fromEntries(Object.entries(result).filter(([, value]) => value !== undefined))
}

/** What only they changed comes from them, the rest stays. */
function suggested({ base, ours, theirs }: Record<Side, Invoice>): Invoice {
  const theirOwn = Object.entries(theirs).filter(([path, value]) => {
    return JSON.stringify(value) !== JSON.stringify(base[path])
  })
  return { ...ours, ...Object.fromEntries(theirOwn) }
}
