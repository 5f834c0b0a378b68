/** Made files that a person saved: where, so that they can be shown there until the lock. */
import { writeWhole } from './capped-files.ts'
import type { ConsoleOptions } from './options.ts'

export interface SavedFiles {
  /** Asks the person where; a host without dialogs, or a person who cancels, saves nothing. */
  save(
    handle: string,
    name: string,
    bytes: () => Promise<Uint8Array>,
  ): Promise<{ saved: boolean; path: string | null }>
  /** In the system's file manager; nothing for one that was not saved. */
  readonly reveal: (handle: string) => void
  clear(): void
}

export function createSavedFiles({
  saveFile,
  revealFile,
}: Pick<ConsoleOptions, 'saveFile' | 'revealFile'>): SavedFiles {
  /** By handle. */
  const paths = new Map<string, string>()
  return {
    async save(handle, name, bytes) {
      const path = (await saveFile?.(name)) ?? null
      if (path === null) return { saved: false, path: null }
      await writeWhole(path, await bytes())
      paths.set(handle, path)
      return { saved: true, path }
    },
    reveal(handle) {
      const path = paths.get(handle)
      if (path !== undefined) revealFile?.(path)
    },
    clear() {
      paths.clear()
    },
  }
}
