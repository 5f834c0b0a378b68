/** The rules of templates, asked about records before they are written. */
import { type BrokenRule, closedPeriods, type RecordRules } from '@klum-db/lobby'
import { templateRules } from '@klum-db/lobby/templates'
import type { Expressions } from './expressions.ts'
import type { Open } from './session.ts'

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

export function createRuleBook(expressions: Expressions): RuleBook {
  const rulesOf = (open: Open, vaultId: string): RecordRules => {
    const closed = async () => new Set((await closedPeriods(await open.vault(vaultId))).keys())
    return templateRules(open.templates.get(open.templateNames.get(vaultId) ?? ''), {
      runner: expressions(),
      closed,
    })
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
