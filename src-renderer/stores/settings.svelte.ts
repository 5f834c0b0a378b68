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

  async load(): Promise<void> {
    this.value = await api.settings.get()
  }

  follow(): () => void {
    return on('settings:changed', () => void this.load())
  }

  async save(change: Partial<Settings>): Promise<void> {
    const before = this.value
    this.value = { ...before, ...change }
    try {
      this.value = await api.settings.save(change)
    } catch (error) {
      this.value = before
      throw error
    }
  }
}

export const settings = new SettingsStore()
