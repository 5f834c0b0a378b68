/** The rules of the clients' templates, asked about records before they are written, and what they say in words. */
import type { BrokenRule, RulesOf } from '@klum-db/lobby'
import { templateRules } from '@klum-db/lobby/templates'
import type { BrokenRuleView } from '../../src-shared/ipc/common.ts'
import { clientTemplate } from './clients/names.ts'
import { createExpressions, type Expressions } from './expressions.ts'
import type { ConsoleOptions } from './options.ts'
import { createPeriodBooks, type PeriodBooks } from './periods/books.ts'
import { closedWords } from './periods/words.ts'
import type { Open, Session } from './session.ts'

export interface RuleBook {
  /** The same rules for whatever is previewed and whatever is written. */
  rulesOf(open: Open): RulesOf
  view(open: Open, place: RulePlace, broken: readonly BrokenRule[]): Promise<BrokenRuleView[]>
}

export interface RulePlace {
  readonly vault: string
  /** The client's name. */
  readonly client: string
}

/** What judges records, and what it needs; all of it ends with the lock. */
export interface Judging {
  readonly expressions: Expressions
  readonly books: PeriodBooks
  readonly rules: RuleBook
}

export function createJudging(
  session: Session,
  options: Pick<ConsoleOptions, 'expressionEntry'>,
  locale: () => string,
): Judging {
  const expressions = createExpressions(session, options)
  const books = createPeriodBooks()
  session.onLock(books.clear)
  return { expressions, books, rules: createRuleBook(expressions, books, locale) }
}

const none = new Set<string>()

function createRuleBook(expressions: Expressions, books: PeriodBooks, locale: () => string): RuleBook {
  return {
    // A client that an import makes gets the default template, as it will when it is made.
    rulesOf: (open) => (vault) =>
      templateRules(open.templates.get(open.templateNames.get(vault) ?? clientTemplate), {
        runner: expressions(),
        closed: async () => (await books.of(open, vault)) ?? none,
      }),
    async view(open, { vault, client }, broken) {
      const book = broken.some(({ period }) => period !== undefined) ? await books.of(open, vault) : null
      return broken.map(({ period, ...rule }) => {
        const closed = period === undefined ? null : (book?.closing(period) ?? null)
        if (period === undefined || closed === null) return { ...rule, period: period ?? null }
        return { ...rule, period, message: closedWords({ client, period, at: closed.at }, locale()) }
      })
    },
  }
}
