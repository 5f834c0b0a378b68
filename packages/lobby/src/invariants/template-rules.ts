/** Rules and amounts of records from a compiled template. */
import type { CompiledTemplate } from '../templates/compile.ts'
import { amountsOf } from '../templates/record-amounts.ts'
import { checkRecords } from '../templates/rules/check-records.ts'
import type { ExpressionRunner } from '../templates/runner/runner.ts'
import type { Body } from '../import/types.ts'
import type { StrictnessOption } from '../interchange/types.ts'
import type { ClosedMonths } from './period-book.ts'
import type { BrokenRule, RecordRules } from './types.ts'

export interface TemplateRulesOptions {
  /** For rules in JSONata. */
  readonly runner: ExpressionRunner
  /** Whether a period ("2026-05") is closed, now. Without it, `period-open` does not judge. */
  readonly closed?: () => Promise<ClosedMonths>
}

export function templateRules(template: CompiledTemplate, options: TemplateRulesOptions): RecordRules {
  return {
    check: (collection, bodies) => checkBodies(template, options, collection, bodies),
    amounts(collection, body) {
      const known = template.collections.get(collection)
      return known === undefined ? [] : amountsOf(known, body)
    },
  }
}

/** How each collection is merged, for `strictness` of a plan or merge. */
export function templateStrictness({ collections }: CompiledTemplate): StrictnessOption {
  return Object.fromEntries([...collections].map(([name, { merge }]) => [name, merge]))
}

/** Ids of one call may repeat: bodies are told apart by their place. */
async function checkBodies(
  template: CompiledTemplate,
  { runner, closed }: TemplateRulesOptions,
  collection: string,
  bodies: readonly { readonly id: string; readonly body: Body }[],
): Promise<BrokenRule[][]> {
  const found: BrokenRule[][] = bodies.map(() => [])
  const known = template.collections.get(collection)
  const rules = known?.rules ?? []
  if (rules.length === 0) return found
  const declared = new Map(rules.map((rule) => [rule.name, rule]))
  const rows = bodies.map(({ body }, at) => ({ id: String(at), body }))
  const periods = await closed?.()
  const context = periods === undefined ? {} : { isClosed: (period: string) => periods.has(period) }
  for (const broken of await checkRecords({ template, collection, rows, runner, ...context })) {
    const { id, rule: name, message, path } = broken
    const rule = declared.get(name)
    const period = rule?.rule === 'period-open' ? known?.periodOf(bodies[Number(id)]?.body) : null
    const enforce = rule?.enforce ?? 'override'
    found[Number(id)]?.push({ rule: name, message, path, enforce, ...(period && { period }) })
  }
  return found
}
