import type { Console } from '../../console/console.ts'
import type { HandlersOf } from './domain.ts'

export const activityHandlers = ({ activity }: Console): HandlersOf<'activity'> => ({
  'activity.list': (input) => activity.list(input),
  'activity.verify': ({ vault }, context) => activity.verify(vault, context),
})
