/** Command-line options both hosts understand. */
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'

export interface HostArguments {
  /** Absolute path of the workspace file. */
  readonly workspace: string
  /** 0 = any free port. */
  readonly port: number
  /** Start, say `ready`, stop. */
  readonly once: boolean
}

/** @throws TypeError with a sentence for the terminal when an option is malformed. */
export function readHostArguments(
  argv: readonly string[],
  defaultFolder = defaultDataFolder(),
): HostArguments {
  // Not strict: switches of Chromium and paths of the shell reach Electron's command line too.
  const { values } = parseArgs({
    args: [...argv],
    strict: false,
    options: { workspace: { type: 'string' }, port: { type: 'string' }, once: { type: 'boolean' } },
  })
  const port = Number(values.port ?? 0)
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new TypeError(`--port ${values.port} is not a port.`)
  if (values.workspace === true) throw new TypeError('--workspace needs the path of a file.')
  const workspace = values.workspace || path.join(defaultFolder, 'workspace.lobby')
  return { workspace: path.resolve(workspace), port, once: values.once === true }
}

function defaultDataFolder(): string {
  const xdg = process.env['XDG_DATA_HOME']
  if (process.platform === 'win32') return path.join(process.env['APPDATA'] ?? os.homedir(), 'Lobby Console')
  if (process.platform === 'darwin')
    return path.join(os.homedir(), 'Library/Application Support/Lobby Console')
  return path.join(xdg ?? path.join(os.homedir(), '.local/share'), 'lobby-console')
}
