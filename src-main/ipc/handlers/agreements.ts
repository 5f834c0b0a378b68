import type { Console } from '../../console/console.ts'
import type { HandlersOf } from './domain.ts'

export const agreementHandlers = ({ agreements }: Console): HandlersOf<'agreements'> => ({
  'agreements.list': () => agreements.list(),
  'agreements.get': ({ id }) => agreements.get(id),
  'agreements.people': () => agreements.people(),
  'agreements.draft': (input) => agreements.draft(input),
  'agreements.preview': (input, context) => agreements.preview(input, context),
  'agreements.propose': (input) => agreements.propose(input),
  'agreements.consequences': (input) => agreements.consequences(input),
  'agreements.decide': (input) => agreements.decide(input),
  'agreements.file': (input) => agreements.file(input),
  'agreements.examine': ({ handle }) => agreements.examine(handle),
  'agreements.take': (input) => agreements.take(input),
  'agreements.export': (input, context) => agreements.export(input, context),
  'agreements.planApply': (input) => agreements.planApply(input),
  'agreements.apply': (input) => agreements.apply(input),
  'agreements.receipt': (input) => agreements.receipt(input),
  'agreements.log': ({ id }) => agreements.log(id),
  'agreements.compare': (input) => agreements.compare(input),
})
