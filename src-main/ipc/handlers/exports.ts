import type { Console } from '../../console/console.ts'
import type { HandlersOf } from './domain.ts'

export const exportHandlers = ({ exports }: Console): HandlersOf<'exports'> => ({
  'exports.recipient': ({ party }) => exports.recipient(party),
  'exports.create': (input, context) => exports.create(input, context),
  'exports.tableFacts': (input) => exports.tableFacts(input),
  'exports.tables': (input, context) => exports.tables(input, context),
})
