/** All rules over many records: the plain ones here, in slices; expressions in the worker. */
import type { LongWork } from '@noy-db/hub'
import { onlySignal, pace } from '../../pace.ts'
import type { CompiledCollection, CompiledTemplate } from '../compile.ts'
import type { Rule } from '../format.ts'
import type { Row } from '../runner/outcome.ts'
import type { ExpressionRunner, RunResult } from '../runner/runner.ts'
import { condition, type Broken, type RuleContext } from './compile-rule.ts'

export interface BrokenRow extends Broken {
  readonly id: string
}

export interface RecordCheck extends RuleContext {
  readonly template: CompiledTemplate
  readonly collection: string
  readonly rows: readonly Row[]
  /** Needed where the collection has rules in JSONata. */
  readonly runner: ExpressionRunner
}

/**
 * Every broken rule of every record, in the order of the rows.
 * @throws TransformLimitError when a rule in JSONata runs away, the signal's reason when aborted
 */
export async function checkRecords(check: RecordCheck, work?: LongWork): Promise<BrokenRow[]> {
  const collection = check.template.collections.get(check.collection)
  if (collection === undefined) return []
  const slices = pace(work)
  const broken: (BrokenRow & { at: number })[] = []
  for (const [at, { id, body }] of check.rows.entries()) {
    await slices.step(at, check.rows.length)
    for (const fault of collection.check(body, check)) broken.push({ at, id, ...fault })
  }
  for (const rule of collection.rules) {
    if (rule.rule === 'expression') broken.push(...(await judged(check, collection, rule, work)))
  }
  return broken.sort((a, b) => a.at - b.at).map(({ at: _at, ...fault }) => fault)
}

type ExpressionRule = Extract<Rule, { rule: 'expression' }>

async function judged(
  { template, rows, runner }: RecordCheck,
  collection: CompiledCollection,
  rule: ExpressionRule,
  work?: LongWork,
): Promise<(BrokenRow & { at: number })[]> {
  const applies = condition(rule)
  const asked = rows.map((row, at) => ({ ...row, at })).filter(({ body }) => applies(body))
  const place = { template: template.name, collection: collection.name, to: 0, rule: rule.name }
  const results = await runner.run(
    { expressions: [rule.expression], rows: asked, placeOf: (_step, id) => ({ ...place, id }) },
    onlySignal(work),
  )
  return asked.flatMap(({ id, at }, index) => {
    const message = faultOf(rule, results[index])
    return message === null ? [] : [{ at, id, rule: rule.name, message, path: '' }]
  })
}

/** Only `true` says that the rule holds: a rule that fails, or gives nothing, has not been kept. */
function faultOf(rule: ExpressionRule, result: RunResult | undefined): string | null {
  if (result === undefined) return rule.message
  if ('failure' in result) return `${rule.message} (${result.failure.message})`
  return result.value === true ? null : rule.message
}
