import type { Console } from '../../console/console.ts'
import type { HandlersOf } from './domain.ts'

export const conflictHandlers = ({ conflicts }: Console): HandlersOf<'conflicts'> => ({
  'conflicts.counts': () => conflicts.counts(),
  'conflicts.list': (input) => conflicts.list(input),
  'conflicts.get': ({ ref }) => conflicts.get(ref),
  'conflicts.preview': (input) => conflicts.preview(input),
  'conflicts.decide': (input) => conflicts.decide(input),
  'conflicts.previewMany': (input, context) => conflicts.previewMany(input, context),
  'conflicts.decideMany': (input, context) => conflicts.decideMany(input, context),
  'conflicts.undo': ({ batchId }) => conflicts.undo(batchId),
})
