/** A workspace file opened for one command: by the same services as the window, and only where no window holds it. */
import { join, resolve } from 'node:path'
import type { CallContext } from '../../src-shared/ipc/define.ts'
import { AppError } from '../console/app-error.ts'
import { type RegisteredClient, registeredClients } from '../console/clients/names.ts'
import { type Console, createConsole } from '../console/console.ts'
import type { Open } from '../console/session.ts'
import { type Arguments, type OptionTable, UsageError } from './arguments.ts'
import { passphraseOptions, readPassphrase } from './passphrase.ts'

export const workspaceOptions: OptionTable = {
  workspace: { type: 'string', short: 'w' },
  ...passphraseOptions,
}
export const workspaceUsage = '--workspace FILE [--passphrase-file FILE | --passphrase-fd N]'

const resourcesDir = join(import.meta.dirname, '../../resources')

/** @throws AppError STORE_LOCKED before a passphrase is asked for, WORKSPACE_ABSENT, WRONG_PASSPHRASE, STORE_* */
export async function withWorkspace<T>(
  args: Arguments,
  work: (console: Console, open: Open) => Promise<T>,
): Promise<T> {
  const file = resolve(args.need('workspace'))
  const console = createConsole({
    file,
    host: 'loopback',
    resourcesDir,
    background: false,
    emit: () => undefined,
  })
  try {
    const { state, problem } = await console.workspace.status()
    if (state === 'absent') throw new AppError('WORKSPACE_ABSENT')
    if (problem !== null) throw new AppError(problem.code, problem.message)
    await console.workspace.unlock(await readPassphrase(args))
    return await whileBusy(console, work)
  } finally {
    await console.close()
  }
}

/** A command that works is not idle, however long it takes. */
async function whileBusy<T>(
  console: Console,
  work: (console: Console, open: Open) => Promise<T>,
): Promise<T> {
  const touch = (): void => {
    // Once it is locked the command itself is told.
    if (console.session.current !== null) void console.session.use(() => Promise.resolve())
  }
  const touching = setInterval(touch, TOUCH_MS)
  try {
    return await console.session.use((open) => work(console, open))
  } finally {
    clearInterval(touching)
  }
}

/** Well below the shortest time after which a workspace locks itself. */
const TOUCH_MS = 10_000

export function contextOf(signal: AbortSignal): CallContext {
  return { jobId: 'klum', signal, progress: () => undefined }
}

export const clientOptions: OptionTable = {
  client: { type: 'string', multiple: true, short: 'c' },
  all: { type: 'boolean' },
}

/** Vault ids of the clients named by `--client` (name, key or vault id), or of all. @throws UsageError, AppError NOT_FOUND */
export async function chosenClients(open: Open, args: Arguments): Promise<string[]> {
  const clients = await registeredClients(open.state)
  const named = args.many('client')
  if (args.flag('all') === named.length > 0)
    throw new UsageError('Name clients with --client, or take --all.')
  const chosen = args.flag('all') ? clients : named.map((name) => clientCalled(clients, name))
  return [...new Set(chosen.map(({ vaultId }) => vaultId))]
}

export function clientCalled(clients: readonly RegisteredClient[], wanted: string): RegisteredClient {
  const found = clients.filter(
    ({ name, partitionKey, vaultId }) => vaultId === wanted || partitionKey === wanted || name === wanted,
  )
  const [client, ...others] = found
  if (client === undefined)
    throw new AppError('NOT_FOUND', `There is no client "${wanted}". Nothing was changed.`)
  if (others.length > 0)
    throw new AppError(
      'BAD_INPUT',
      `Several clients are called "${wanted}". Nothing was changed. Use the key.`,
    )
  return client
}
