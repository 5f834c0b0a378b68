import type { Console } from '../../console/console.ts'
import type { HandlersOf } from './domain.ts'

export const systemHandlers = ({
  files,
  exports,
  jobs,
  settings,
}: Console): HandlersOf<'files'> & HandlersOf<'exports'> & HandlersOf<'jobs'> & HandlersOf<'settings'> => ({
  'files.choose': ({ purpose }) => files.choose(purpose),
  'files.save': ({ handle }) => files.save(handle),
  'exports.create': (input, context) => exports.create(input, context),
  'jobs.cancel': async ({ jobId }) => {
    jobs.cancel(jobId)
    return {}
  },
  'settings.get': () => settings.get(),
  'settings.save': (input) => settings.save(input),
})
