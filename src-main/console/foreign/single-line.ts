/** The one line of an invoice that a table states in a row: its net amount, once. */
import type { CompiledCollection } from '@klum-db/lobby/templates'
import type { Conversion } from '../../../src-shared/ipc/foreign.ts'
import type { TargetList } from './target-list.ts'

const DESCRIPTION = 'As invoiced, net'

/** By the template's rule of line amounts and what they add up to; nothing where no column says that. */
export function singleLine(
  { rules, fields }: CompiledCollection,
  { path: list }: TargetList,
  chosen: ReadonlyMap<string, Conversion>,
): [string, Conversion][] {
  const line = rules.filter((rule) => rule.rule === 'line-amount').find((rule) => rule.list === list)
  if (line === undefined) return []
  const amount = `${list}.*.${line.amount}`
  const sums = rules.filter((rule) => rule.rule === 'sum')
  const net = sums.find(({ parts }) => parts.includes(amount))?.equals
  const from = net === undefined ? undefined : (chosen.get(net) ?? wholeOf(net, sums, chosen))
  if (from?.as !== 'minor') return []
  const text = fields.find(({ path, type }) => type === 'text' && path === `${list}.*.description`)
  return [
    ...(text === undefined
      ? []
      : [[text.path, { as: 'constant', value: DESCRIPTION }] satisfies [string, Conversion]]),
    [`${list}.*.${line.quantity}`, { as: 'constant', value: '1' }],
    [`${list}.*.${line.price}`, { as: 'decimal', column: from.column, mark: from.mark }],
    [amount, from],
  ]
}

interface Sum {
  readonly parts: readonly string[]
  readonly equals: string
}

/** The total, where nothing else is a part of it in this file. */
function wholeOf(
  net: string,
  sums: readonly Sum[],
  chosen: ReadonlyMap<string, Conversion>,
): Conversion | undefined {
  const whole = sums.find(({ parts }) => parts.includes(net))
  const hasOthers = whole?.parts.some((part) => part !== net && chosen.has(part)) ?? true
  return whole === undefined || hasOthers ? undefined : chosen.get(whole.equals)
}
