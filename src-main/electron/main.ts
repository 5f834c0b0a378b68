/** The Electron host, in order: harden, serve the renderer, start the console, open the window. */
import { app, powerMonitor } from 'electron'
import path from 'node:path'
import { createConsole, type Console } from '../console/console.ts'
import { createHandlers } from '../ipc/handlers/index.ts'
import { logToStandardError } from '../ipc/encode-error.ts'
import { checksOutput, registerContract } from '../ipc/register.ts'
import { workerEntries } from '../host/worker-entries.ts'
import { readHostArguments, type HostArguments } from '../host/arguments.ts'
import { chooseFile, revealFile, saveFile } from './dialogs.ts'
import { setMenu } from './menu.ts'
import { declareScheme, serveRenderer } from './protocol.ts'
import { hardenEveryPage, hardenSession } from './security.ts'
import { storageNode } from './storage-node.ts'
import { connectPages, pushEvent } from './transport.ts'
import { openWindow } from './window.ts'

const here = import.meta.dirname
const appRoot = path.resolve(here, '../..')

async function start(options: HostArguments): Promise<void> {
  hardenSession()
  serveRenderer(path.join(appRoot, 'out/renderer'))
  setMenu()
  const console_ = createConsole({
    file: options.workspace,
    host: 'electron',
    ...workerEntries(here),
    ...storageNode(appRoot),
    resourcesDir: path.join(appRoot, 'resources'),
    emit: pushEvent,
    chooseFile,
    saveFile,
    revealFile,
  })
  connectPages(dispatchOf(console_))
  lockWhenAway(console_)
  closeBeforeQuit(console_)
  await openWindow(path.join(appRoot, 'out/preload/preload.cjs'))
  process.stdout.write(`ready electron ${process.versions.electron}\n`)
  if (options.once) app.quit()
}

function dispatchOf(console_: Console) {
  return registerContract({
    handlers: createHandlers(console_),
    startJob: (jobId, call) => console_.jobs.start(jobId, call),
    log: logToStandardError,
    checkOutput: checksOutput(),
  })
}

function lockWhenAway(console_: Console): void {
  powerMonitor.on('suspend', () => void console_.suspended())
  powerMonitor.on('lock-screen', () => void console_.suspended())
}

/** The storage host gets its last words in before the process goes. */
function closeBeforeQuit(console_: Console): void {
  let closed = false
  app.on('before-quit', (event) => {
    if (closed) return
    event.preventDefault()
    closed = true
    void console_.close().finally(() => app.quit())
  })
}

// As root the sandbox cannot run, and asking for it would undo an explicit --no-sandbox for every child process.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
declareScheme()
hardenEveryPage()
app.on('window-all-closed', () => app.quit())
// Not a top-level await: the ready event waits for this module to finish.
app
  .whenReady()
  .then(() => start(readHostArguments(process.argv.slice(1), app.getPath('userData'))).catch(fail), fail)

function fail(error: unknown): void {
  logToStandardError('start', error)
  app.exit(1)
}
