import type { Console } from '../../console/console.ts'
import type { HandlersOf } from './domain.ts'

export const systemHandlers = ({
  files,
  jobs,
  settings,
}: Console): HandlersOf<'files'> & HandlersOf<'jobs'> & HandlersOf<'settings'> => ({
  'files.choose': ({ purpose }) => files.choose(purpose),
  'files.save': ({ handle }) => files.save(handle),
  'files.reveal': async ({ handle }) => {
    files.reveal(handle)
    return {}
  },
  'jobs.cancel': async ({ jobId }) => {
    jobs.cancel(jobId)
    return {}
  },
  'settings.get': () => settings.get(),
  'settings.save': (input) => settings.save(input),
})
