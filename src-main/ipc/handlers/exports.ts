import type { Console } from '../../console/console.ts'
import type { HandlersOf } from './domain.ts'

export const exportHandlers = ({ exports }: Console): HandlersOf<'exports'> => ({
  'exports.recipient': ({ party }) => exports.recipient(party),
  'exports.create': (input, context) => exports.create(input, context),
})
