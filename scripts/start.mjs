// `npm start`: from a fresh clone to the open console. Installs and builds what is missing, then opens the window, or
// the loopback host in a browser where Electron cannot run. Built-ins only: nothing is installed when this starts.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { electronProgram } from './lib/electron.mjs'
import { ensureBuilt } from './lib/build.mjs'
import { ensureInstalled, requireVersions } from './lib/install.mjs'
import { openElectron, openLoopback } from './lib/hosts.mjs'

const usage = `npm start -- [options]
  --workspace <file>         open this workspace
  --host loopback|electron   choose the host (default: the window, else the browser)
  --port <n>                 port of the loopback host (default: any free one)
  --once                     start, print one line beginning with "ready", and end
`

function readOptions() {
  const { values } = parseArgs({
    options: {
      workspace: { type: 'string' },
      host: { type: 'string' },
      port: { type: 'string' },
      once: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.host !== undefined && values.host !== 'loopback' && values.host !== 'electron') {
    throw new Error(`--host is loopback or electron, not ${values.host}.`)
  }
  if (values.port !== undefined && !(Number(values.port) >= 0 && Number(values.port) < 65536)) {
    throw new Error(`--port is a number below 65536, not ${values.port}.`)
  }
  // npm runs scripts in the root; a relative path means the folder the person is in.
  if (values.workspace) values.workspace = resolve(process.env.INIT_CWD ?? '.', values.workspace)
  return values
}

async function start(options) {
  requireVersions()
  await ensureInstalled()
  await ensureBuilt()
  if (options.host === 'loopback') return openLoopback(options)
  const electron = await electronProgram(options.host === 'electron')
  if (electron.program) {
    const outcome = await openElectron(electron, options)
    if (!outcome.reason) return outcome.code
    electron.reason = outcome.reason
  }
  if (options.host === 'electron') throw new Error(electron.reason)
  console.log(`No window: ${electron.reason}`)
  console.log('Starting the loopback host instead; it shows the same console in a browser.')
  return openLoopback(options)
}

try {
  const options = readOptions()
  if (options.help) console.log(usage)
  else process.exitCode = await start(options)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
