import type { Console } from '../../console/console.ts'
import type { HandlersOf } from './domain.ts'

export const receiptHandlers = ({ receipts }: Console): HandlersOf<'receipts'> => ({
  'receipts.create': (input, context) => receipts.create(input, context),
  'receipts.check': ({ receipt }, context) => receipts.check(receipt, context),
})
