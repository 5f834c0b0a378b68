/** What the template's rules say of a decision, and what it does to the amounts. */
import { amountChanges } from '../invariants/amount-changes.ts'
import { judgeChanges } from '../invariants/judge-change.ts'
import type { LoadedConflict, QueueContext } from './queue-context.ts'
import { sameBody } from './queue-context.ts'
import type { ConflictPreview } from './types.ts'

/** Left as it is where the vault has no rules. A result that is what is here already is not judged. */
export async function judgePreview(
  { rules: rulesOf }: Pick<QueueContext, 'rules'>,
  { vault, view }: LoadedConflict,
  preview: ConflictPreview,
): Promise<ConflictPreview> {
  const rules = rulesOf?.(vault.name)
  if (rules === undefined) return preview
  const { collection, recordId } = view.row
  const { result } = preview
  const effects = amountChanges(rules, collection, view.current, result)
  const judged = preview.issues.length === 0 && !sameBody(result, view.current)
  const change = { id: recordId, before: view.current, after: result }
  const [broken = []] = judged ? await judgeChanges(rules, collection, [change]) : []
  return { ...preview, effects, broken }
}
