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

/** @throws TypeError with a sentence for the terminal when an option is unknown or malformed. */
export function readHostArguments(
  argv: readonly string[],
  defaultFolder = defaultDataFolder(),
): HostArguments {
  const { values } = parseArgs({
    args: argv.filter((argument) => argument.startsWith('--') && !isSwitchOfTheShell(argument)),
    options: {
      workspace: { type: 'string' },
      port: { type: 'string', default: '0' },
      once: { type: 'boolean', default: false },
    },
  })
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new TypeError(`--port ${values.port} is not a port.`)
  const workspace = path.resolve(values.workspace ?? path.join(defaultFolder, 'workspace.lobby'))
  return { workspace, port, once: values.once }
}

function defaultDataFolder(): string {
  const xdg = process.env['XDG_DATA_HOME']
  if (process.platform === 'win32') return path.join(process.env['APPDATA'] ?? os.homedir(), 'Lobby Console')
  if (process.platform === 'darwin')
    return path.join(os.homedir(), 'Library/Application Support/Lobby Console')
  return path.join(xdg ?? path.join(os.homedir(), '.local/share'), 'lobby-console')
}

/** Chromium's own switches reach Electron's command line too. */
function isSwitchOfTheShell(argument: string): boolean {
  return !/^--(workspace|port|once)(=|$)/.test(argument)
}
