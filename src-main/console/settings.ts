/** The person's settings: kept in the state vault, remembered while locked so that the lock screen keeps its looks. */
import { type Settings, settings as settingsSchema } from '../../src-shared/ipc/system.ts'
import type { Emit } from './options.ts'
import type { Open, Session } from './session.ts'

const row = 'settings'

export type SettingsChange = { readonly [Name in keyof Settings]?: Settings[Name] | undefined }

export interface SettingsService {
  /** Works while locked too: nothing in it is secret. */
  get(): Promise<Settings>
  save(change: SettingsChange): Promise<Settings>
  /** Reads them after an unlock. */
  readonly load: (open: Open) => Promise<void>
  readonly known: Settings
}

export function createSettings(session: () => Session, emit: Emit): SettingsService {
  let known: Settings = settingsSchema.parse({})
  const load = async (open: Open): Promise<void> => {
    const stored = settingsSchema.safeParse((await open.state.settings.get(row)) ?? {})
    known = stored.success ? stored.data : settingsSchema.parse({}) // written by a newer program
  }
  return {
    get known() {
      return known
    },
    load,
    get: async () => known,
    save: (change) =>
      session().use(async ({ state }) => {
        const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
        const next = settingsSchema.parse({ ...known, ...given })
        await state.settings.put(row, next, { reason: 'settings.save' })
        known = next
        emit('settings:changed', {})
        return next
      }),
  }
}
