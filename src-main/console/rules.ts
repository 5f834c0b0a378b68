/** The rules of templates, asked about records before they are written. */
import { type BrokenRule, closedPeriods, type RecordRules } from '@klum-db/lobby'
import { createExpressionRunner, type ExpressionRunner, templateRules } from '@klum-db/lobby/templates'
import type { ConsoleOptions } from './options.ts'
import type { Open, Session } from './session.ts'

type Body = Readonly<Record<string, unknown>>

export interface RuleBook {
  /** What `after` breaks and `before` keeps; null = no record. */
  newlyBroken(
    open: Open,
    place: { readonly vault: string; readonly collection: string },
    before: Body | null,
    after: Body | null,
  ): Promise<readonly BrokenRule[]>
}

/** Expressions run in a thread of their own, which ends with the lock. */
export function createRuleBook(
  session: Session,
  { expressionEntry }: Pick<ConsoleOptions, 'expressionEntry'>,
): RuleBook {
  let runner: ExpressionRunner | null = null
  session.onLock(() => {
    void runner?.close()
    runner = null
  })
  const rulesOf = (open: Open, vaultId: string): RecordRules => {
    runner ??= createExpressionRunner(expressionEntry === undefined ? {} : { entry: expressionEntry })
    const closed = async () => new Set((await closedPeriods(await open.vault(vaultId))).keys())
    return templateRules(open.templates.get(open.templateNames.get(vaultId) ?? ''), { runner, closed })
  }
  return {
    async newlyBroken(open, { vault, collection }, before, after) {
      if (after === null) return []
      const bodies = [after, ...(before === null ? [] : [before])].map((body) => ({ id: '', body }))
      const [broken = [], kept = []] = await rulesOf(open, vault).check(collection, bodies)
      const earlier = new Set(kept.map(({ rule }) => rule))
      return broken.filter(({ rule }) => !earlier.has(rule))
    },
  }
}
