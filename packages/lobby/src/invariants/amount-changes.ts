/** The accounting effect of a change, in numbers: what each amount of a record was and becomes. */
import type { Body } from '../import/types.ts'
import type { Amount, AmountChange, RecordRules } from './types.ts'

/** Amounts that change, those of the old body first. */
export function amountChanges(
  rules: RecordRules,
  collection: string,
  before: Body | null,
  after: Body | null,
): AmountChange[] {
  const [was, becomes] = [before, after].map((body) => byPlace(rules, collection, body))
  const places = new Set([...(was?.keys() ?? []), ...(becomes?.keys() ?? [])])
  return [...places].flatMap((place) => changeOf(was?.get(place), becomes?.get(place)))
}

function byPlace(rules: RecordRules, collection: string, body: Body | null): Map<string, Amount> {
  const amounts = body === null ? [] : rules.amounts(collection, body)
  return new Map(amounts.map((amount) => [JSON.stringify([amount.path, amount.currency]), amount]))
}

function changeOf(was: Amount | undefined, becomes: Amount | undefined): AmountChange[] {
  const named = becomes ?? was
  const [before, after] = [was?.minor ?? 0, becomes?.minor ?? 0]
  if (named === undefined || before === after) return []
  const { path, label, currency } = named
  return [{ path, label, currency, before, after, delta: after - before }]
}
