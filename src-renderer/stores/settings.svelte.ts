/** The few settings, as saved; the window's look follows them. */
import type { Settings } from '../../src-shared/ipc/system.ts'
import { api, on } from '../lib/api.ts'

const initial: Settings = {
  theme: 'system',
  density: 'comfortable',
  locale: '',
  negatives: 'minus',
  autoLockMinutes: 15,
}

class SettingsStore {
  value = $state.raw<Settings>(initial)
  #pending = 0
  #turn: Promise<unknown> = Promise.resolve()

  async load(): Promise<void> {
    const value = await api.settings.get()
    // A change that is on its way is newer than what main knows.
    if (this.#pending === 0) this.value = value
  }

  follow(): () => void {
    return on('settings:changed', () => void this.load())
  }

  /**
   * Shows the change at once; changes are saved one after another, and a refused one is taken back. All settings are
   * sent, because the contract fills in defaults for those that are missing.
   */
  async save(change: Partial<Settings>): Promise<void> {
    const wanted = { ...this.value, ...change }
    this.value = wanted
    this.#pending++
    const saved = this.#turn.then(() => api.settings.save(wanted))
    this.#turn = Promise.allSettled([saved])
    try {
      await saved
    } finally {
      this.#pending--
      await this.load()
    }
  }
}

export const settings = new SettingsStore()
