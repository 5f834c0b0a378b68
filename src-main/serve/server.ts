/** The loopback host: the console in a browser of this machine, where Electron cannot run. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { createConsole, type Console } from '../console/console.ts'
import { encodeError, logToStandardError } from '../ipc/encode-error.ts'
import { createHandlers } from '../ipc/handlers/index.ts'
import { checksOutput, registerContract } from '../ipc/register.ts'
import { workerEntries } from '../host/worker-entries.ts'
import { readHostArguments } from '../host/arguments.ts'
import { createEventSockets, type EventSockets } from './events.ts'
import { isOwnPage } from './http.ts'
import { createRoutes } from './routes.ts'
import { createTokenDesk } from './token.ts'

const here = import.meta.dirname
const projectRoot = path.resolve(here, '../..')

async function main(): Promise<void> {
  const options = readHostArguments(process.argv.slice(2))
  const desk = createTokenDesk()
  const port = { value: options.port }
  const sockets: { current: EventSockets | null } = { current: null }
  const console_ = createConsole({
    file: options.workspace,
    host: 'loopback',
    ...workerEntries(here),
    resourcesDir: path.join(projectRoot, 'resources'),
    emit: (name, payload) => sockets.current?.push({ name, payload }),
  })
  const server = createServer(
    createRoutes({
      port: () => port.value,
      rendererFolder: path.join(projectRoot, 'out/renderer'),
      desk,
      files: console_.files,
      dispatch: dispatchOf(console_),
      encodeError: (error) => encodeError(error, logToStandardError),
    }),
  )
  sockets.current = createEventSockets({
    server,
    allows: (request) => isOwnPage(request, port.value),
    acceptsBearer: (bearer) => desk.acceptsBearer(bearer),
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  port.value = (server.address() as AddressInfo).port // listening on TCP, so the address is not a pipe name

  const stop = async (): Promise<void> => {
    sockets.current?.closeAll()
    server.closeAllConnections()
    server.close()
    await console_.close()
  }
  process.stdout.write(`ready http://127.0.0.1:${port.value}\n`)
  if (options.once) return stop()
  const announce = (): void => {
    sockets.current?.closeAll()
    process.stdout.write(`open http://127.0.0.1:${port.value}/#token=${desk.issue()}\n`)
  }
  announce()
  offerNewToken(announce)
  stopOnSignal(stop)
}

function dispatchOf(console_: Console) {
  return registerContract({
    handlers: createHandlers(console_),
    startJob: (jobId, call) => console_.jobs.start(jobId, call),
    log: logToStandardError,
    checkOutput: checksOutput(),
  })
}

/** Enter in the terminal prints a new address and ends the session that was open. */
function offerNewToken(announce: () => void): void {
  if (!process.stdin.isTTY) return
  process.stdout.write('Press Enter for a new address.\n')
  createInterface({ input: process.stdin }).on('line', announce)
}

function stopOnSignal(stop: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stop().finally(() => process.exit(0)))
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
