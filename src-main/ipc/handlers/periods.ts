import type { Console } from '../../console/console.ts'
import type { HandlersOf } from './domain.ts'

export const periodHandlers = ({ periods }: Console): HandlersOf<'periods'> => ({
  'periods.get': ({ vaultId }) => periods.get(vaultId),
  'periods.close': async (input) => {
    await periods.close(input)
    return {}
  },
  'periods.reopen': async (input) => {
    await periods.reopen(input)
    return {}
  },
  'periods.exceptions': (input) => periods.exceptions(input),
})
