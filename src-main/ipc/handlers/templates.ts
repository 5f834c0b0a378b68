import type { Console } from '../../console/console.ts'
import type { HandlersOf } from './domain.ts'

export const templateHandlers = ({ templates }: Console): HandlersOf<'templates'> => ({
  'templates.list': () => templates.list(),
  'templates.import': ({ handle }) => templates.import(handle),
})
