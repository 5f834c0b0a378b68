import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onCleanup } from './workspace.ts'

export interface ChildStore {
  /** The next line it prints; undefined at its end. */
  line(): Promise<string | undefined>
  /** Ends it with no chance to tidy up. */
  kill(): Promise<void>
}

/** Root may write where the mode says nobody may; without this capability it may not. */
const obeyModes = ['setpriv', '--bounding-set', '-dac_override,-dac_read_search']

/** A second program that has a store open. */
export function startChild(args: readonly string[], { obeysModes = false } = {}): ChildStore {
  const script = fileURLToPath(new URL('./child-store.ts', import.meta.url))
  const prefix = obeysModes && process.getuid?.() === 0 ? obeyModes : []
  const [command = '', ...words] = [...prefix, process.execPath, script, ...args]
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await ended
  }
  onCleanup(kill)
  return { kill, line: async () => (await lines.next()).value }
}
