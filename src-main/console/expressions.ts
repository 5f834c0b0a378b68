/** The thread that runs the expressions of templates: started when first needed, ended with the lock. */
import { createExpressionRunner, type ExpressionRunner } from '@klum-db/lobby/templates'
import type { ConsoleOptions } from './options.ts'
import type { Session } from './session.ts'

export type Expressions = () => ExpressionRunner

export function createExpressions(
  session: Session,
  { expressionEntry }: Pick<ConsoleOptions, 'expressionEntry'>,
): Expressions {
  let runner: ExpressionRunner | null = null
  session.onLock(() => {
    void runner?.close()
    runner = null
  })
  return () =>
    (runner ??= createExpressionRunner(expressionEntry === undefined ? {} : { entry: expressionEntry }))
}
