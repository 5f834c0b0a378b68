import type { Console } from '../../console/console.ts'
import type { HandlersOf } from './domain.ts'

export const foreignHandlers = ({ foreign }: Console): HandlersOf<'foreign'> => ({
  'foreign.recognise': ({ file }) => foreign.recognise(file),
  'foreign.inspect': (input, context) => foreign.inspect(input, context),
  'foreign.offers': (input) => foreign.offers(input),
  'foreign.preview': (input, context) => foreign.preview(input, context),
  'foreign.plan': (input, context) => foreign.plan(input, context),
  'foreign.forget': async ({ id }) => {
    await foreign.forget(id)
    return {}
  },
})
