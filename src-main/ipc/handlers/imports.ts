import type { Console } from '../../console/console.ts'
import type { HandlersOf } from './domain.ts'

export const importHandlers = ({ imports }: Console): HandlersOf<'imports'> => ({
  'imports.strictness': () => imports.strictness(),
  'imports.inspect': ({ bundle }) => imports.inspect(bundle),
  'imports.keyForm': ({ keys }) => imports.keyForm(keys),
  'imports.plan': (input, context) => imports.plan(input, context),
  'imports.planRows': (input) => imports.planRows(input),
  'imports.apply': (input, context) => imports.apply(input, context),
  'imports.discard': async ({ planId }) => {
    await imports.discard(planId)
    return {}
  },
  'imports.list': () => imports.list(),
  'imports.planUndo': ({ importId }) => imports.planUndo(importId),
  'imports.undo': (input, context) => imports.undo(input, context),
})
