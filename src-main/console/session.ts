/**
 * The one home of secrets: who is unlocked, and the opened vaults. Everything that must not outlive the lock is reached
 * from here or registered with `onLock`.
 */
import { createNoydb, type KdfParameters, type Noydb, type VaultApi } from '@noy-db/hub'
import type { NoydbStore } from '@noy-db/hub/store'
import { AppError, toAppError } from './app-error.ts'
import { type AutoLock, startAutoLock } from './auto-lock.ts'
import type { ConsoleOptions } from './options.ts'
import { createPeriodGuard } from './periods/period-guard.ts'
import type { Profile } from './profile.ts'
import { type ConsoleState, openConsoleState } from './state.ts'
import { importedTemplates } from './templates/imported.ts'
import { type Installed, type Templates, templatesOf } from './templates/templates.ts'

/** Fixed per workspace: the person's own name is shown instead and may change. */
export const userId = 'owner'

/** An unlocked workspace. */
export interface Open {
  readonly db: Noydb
  readonly store: NoydbStore
  readonly state: ConsoleState
  readonly templates: Templates
  readonly profile: Profile
  readonly unlockedAt: string
  /** ISO-8601, by the console's clock. */
  readonly now: () => string
  /** Client -> template; whoever registers or removes a client keeps it. */
  readonly templateNames: Map<string, string>
  /** Declares the collections of a client's template, where the engine opens its vault. */
  readonly declare: (vault: VaultApi) => void
  /** A client's vault with its template declared. @throws AppError NOT_FOUND where no client has this id. */
  vault(vaultId: string): Promise<VaultApi>
}

export interface Session {
  readonly current: Open | null
  /** @param secret the engine's, as the lock gave it. @throws AppError WRONG_PASSPHRASE */
  unlock(store: NoydbStore, secret: string, create?: Profile): Promise<Open>
  /** Drops the keys and everything registered; safe to call at any time. */
  lock(): void
  /** Runs work on the unlocked workspace. @throws AppError LOCKED, also when it is locked meanwhile. */
  use<T>(work: (open: Open) => Promise<T>): Promise<T>
  onLock(listener: () => void): void
  onUnlock(listener: (open: Open) => void | Promise<void>): void
}

export interface SessionOptions {
  readonly console: ConsoleOptions
  /** Those of the installation. */
  readonly templates: () => Promise<readonly Installed[]>
  readonly autoLockMinutes: () => number
  /** What a failed call is called, where the workspace knows more of it than its error does. */
  readonly explain?: (open: Open, thrown: unknown) => Promise<AppError | null>
}

export function createSession(options: SessionOptions): Session {
  const clock = options.console.clock ?? Date.now
  const lockListeners: (() => void)[] = []
  const unlockListeners: ((open: Open) => void | Promise<void>)[] = []
  let current: Open | null = null
  let autoLock: AutoLock | null = null

  const lock = (): void => {
    const closing = current
    if (closing === null) return
    current = null
    autoLock?.stop()
    closing.db.close()
    for (const listener of lockListeners) listener()
    options.console.emit('session:changed', { state: 'locked' })
  }
  return {
    get current() {
      return current
    },
    async unlock(store, secret, create) {
      const templates = await options.templates()
      const opened = await openWorkspace({ store, secret, templates, create, console: options.console })
      lock()
      current = opened
      autoLock = startAutoLock({ clock, minutes: options.autoLockMinutes, lock })
      for (const listener of unlockListeners) await listener(opened)
      options.console.emit('session:changed', { state: 'unlocked' })
      return opened
    },
    lock,
    async use(work) {
      const open = current
      if (open === null) throw new AppError('LOCKED')
      autoLock?.touch()
      try {
        return await work(open)
      } catch (error) {
        // Locked under a running call, the engine fails in whatever way it was stopped: the lock is the reason.
        if (open.db.isClosed) throw Object.assign(new AppError('LOCKED'), { cause: error })
        throw (await options.explain?.(open, error)) ?? coded(error)
      } finally {
        if (current === open) autoLock?.touch()
      }
    },
    onLock: (listener) => void lockListeners.push(listener),
    onUnlock: (listener) => void unlockListeners.push(listener),
  }
}

interface OpenRequest {
  readonly console: ConsoleOptions
  readonly store: NoydbStore
  readonly secret: string
  readonly create: Profile | undefined
  readonly templates: readonly Installed[]
}

/**
 * The engine derives from 256 random bits that the lock gave out, so its derivation costs nothing: the one that is
 * paid for stands before the lock (docs/adr/0037-recovery-code.md). A store keeps the parameters it was made with.
 */
const secretKdf: KdfParameters = { memoryKiB: 8, passes: 1, parallelism: 1 }

async function openWorkspace(request: OpenRequest): Promise<Open> {
  const { clock = Date.now } = request.console
  const periodGuard = createPeriodGuard()
  const db = await createNoydb({
    store: request.store,
    user: userId,
    secret: request.secret,
    history: true,
    audit: true,
    clock,
    kdf: secretKdf,
    guardStrategies: periodGuard.guards,
  })
  try {
    const state = await openConsoleState(db, request.create !== undefined)
    if (request.create) await state.profile.put('workspace', request.create, { reason: 'workspace.create' })
    const profile = (await state.profile.get('workspace')) ?? { firmName: '', userName: '' }
    const templates = templatesOf([...(await importedTemplates(state)), ...request.templates])
    const templateNames = await templateNamesOf(state)
    periodGuard.attach(db, templates, templateNames)
    return { profile, ...openParts({ ...request, templates }, db, state, templateNames) }
  } catch (error) {
    db.close()
    throw coded(error)
  }
}

/** As screens know it; what nobody foresaw stays as it was thrown, so that the log tells its story. */
function coded(error: unknown): unknown {
  const known = toAppError(error)
  return known.code === 'INTERNAL' ? error : known
}

function openParts(
  {
    console: { clock = Date.now },
    store,
    templates,
  }: Omit<OpenRequest, 'templates'> & { templates: Templates },
  db: Noydb,
  state: ConsoleState,
  templateNames: Map<string, string>,
): Omit<Open, 'profile'> {
  const now = (): string => new Date(clock()).toISOString()
  const declare = (vault: VaultApi): void => {
    const template = templateNames.get(vault.name)
    if (template !== undefined) templates.declare(vault, template)
  }
  const vault = async (vaultId: string): Promise<VaultApi> => {
    if (!templateNames.has(vaultId)) throw new AppError('NOT_FOUND', noClient)
    const opened = await db.openVault(vaultId, { create: false })
    declare(opened)
    return opened
  }
  return { db, store, state, templates, templateNames, unlockedAt: now(), now, declare, vault }
}

const noClient = 'There is no such client. Nothing was changed. Go back to the list of clients.'

async function templateNamesOf({ registry }: ConsoleState): Promise<Map<string, string>> {
  return new Map((await registry.list()).map(({ vaultId, templateName }) => [vaultId, templateName]))
}
