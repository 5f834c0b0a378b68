/** The workspace file: whether there is one, making it, opening and closing it. */
import { ownIdentity } from '@klum-db/lobby'
import type { NoydbStore } from '@noy-db/hub/store'
import { STATE_VAULT_NAME } from '@noy-db/hub'
import type { WireError } from '../../src-shared/ipc/errors.ts'
import type { WorkspaceStatus } from '../../src-shared/ipc/workspace.ts'
import { AppError, toAppError } from './app-error.ts'
import type { ConsoleOptions } from './options.ts'
import { checkPassphrase } from './passphrase.ts'
import * as locks from './locks/locks.ts'
import { readProfile, writeProfile } from './profile.ts'
import type { Open, Session } from './session.ts'
import type { Storage } from './storage.ts'

export interface DemoFiles {
  folder: string
  bundles: { bundle: string; keys: string; note: string }[]
}

export interface NewWorkspace {
  readonly firmName: string
  readonly userName: string
  readonly passphrase: string
  /** Opens the workspace too; made by the person's own window, which showed it. */
  readonly recoveryCode?: string | undefined
  readonly demo: boolean
}

export interface WorkspaceService {
  /** Never refuses: what is wrong with the file is part of the answer. */
  status(): Promise<WorkspaceStatus>
  /** @throws AppError WORKSPACE_EXISTS, WEAK_PASSPHRASE, STORE_* */
  create(
    wanted: NewWorkspace,
    report: DemoReport,
  ): Promise<{ status: WorkspaceStatus; demo: DemoFiles | null }>
  /** @throws AppError WRONG_PASSPHRASE, WORKSPACE_ABSENT, STORE_* */
  unlock(passphrase: string): Promise<WorkspaceStatus>
  /** Sets a new passphrase with the recovery code and unlocks. @throws AppError WRONG_RECOVERY_CODE, WEAK_PASSPHRASE */
  recover(code: string, passphrase: string): Promise<WorkspaceStatus>
  /** @throws AppError LOCKED, WRONG_PASSPHRASE, WEAK_PASSPHRASE */
  changePassphrase(current: string, next: string): Promise<void>
  /** Replaces the recovery code; null takes it away. @throws AppError LOCKED, WRONG_PASSPHRASE, WRONG_RECOVERY_CODE */
  setRecoveryCode(passphrase: string, code: string | null): Promise<WorkspaceStatus>
  readonly lock: () => Promise<void>
}

export type DemoReport = (done: number, total: number, label?: string) => void
export type FillDemo = (open: Open, report: DemoReport) => Promise<DemoFiles>

export interface WorkspaceParts {
  readonly options: ConsoleOptions
  readonly storage: Storage
  readonly session: Session
  readonly fillDemo: FillDemo
  /** Ends what must not outlive the session, files included. */
  readonly cleanUp: () => Promise<void>
}

export function createWorkspace(parts: WorkspaceParts): WorkspaceService {
  const { session, storage } = parts
  return {
    status: () => statusOf(parts),
    async create({ demo, ...wanted }, report) {
      checkPassphrase(wanted.passphrase)
      const before = await storage.existing()
      if (before !== null && (await isWorkspace(before))) throw new AppError('WORKSPACE_EXISTS')
      const open = await makeWorkspace(parts, wanted)
      const files = demo ? await parts.fillDemo(open, report) : null
      return { status: await statusOf(parts), demo: files }
    },
    async unlock(passphrase) {
      const store = await existingWorkspace(parts)
      return unlockWith(parts, store, await locks.openLock(store, passphrase))
    },
    async recover(code, passphrase) {
      const store = await existingWorkspace(parts)
      const status = await unlockWith(
        parts,
        store,
        await locks.recoverLock(lockContext(parts, store), code, passphrase),
      )
      await session.use((open) => noteLock(open, 'workspace.recover'))
      return status
    },
    changePassphrase: (current, next) =>
      session.use(async (open) => {
        await locks.changePassphrase(lockContext(parts, open.store), current, next)
        await noteLock(open, 'workspace.changePassphrase')
      }),
    async setRecoveryCode(passphrase, code) {
      await session.use(async (open) => {
        await locks.setRecoveryCode(lockContext(parts, open.store), passphrase, code)
        await noteLock(open, code === null ? 'workspace.removeRecoveryCode' : 'workspace.setRecoveryCode')
      })
      return statusOf(parts)
    },
    async lock() {
      session.lock()
      await parts.cleanUp()
    },
  }
}

/** A file that could not become a workspace is not left behind. */
async function makeWorkspace(parts: WorkspaceParts, wanted: Omit<NewWorkspace, 'demo'>): Promise<Open> {
  const { session, storage } = parts
  const { passphrase, recoveryCode, ...profile } = wanted
  const existed = (await storage.existing()) !== null
  try {
    const store = await storage.create()
    const secret = await locks.makeLock(lockContext(parts, store), passphrase, recoveryCode)
    const open = await session.unlock(store, secret, profile)
    await ownIdentity(open.db, { party: profile.firmName })
    await writeProfile(store, profile, open.now())
    return open
  } catch (error) {
    session.lock()
    if (!existed) await storage.remove()
    throw error
  }
}

async function statusOf({ options, storage, session }: WorkspaceParts): Promise<WorkspaceStatus> {
  const empty = {
    file: storage.file,
    firmName: null,
    userName: null,
    fingerprint: null,
    unlockedAt: null,
    problem: null,
    recoverySince: null,
    host: options.host,
  }
  const open = session.current
  if (open !== null) return { ...empty, ...(await unlockedPart(open)) }
  try {
    const store = await storage.existing()
    if (store === null || !(await isWorkspace(store))) return { ...empty, state: 'absent' }
    const recoverySince = await locks.recoverySince(store)
    return { ...empty, ...(await readProfile(store)), recoverySince, state: 'locked' }
  } catch (error) {
    return { ...empty, state: 'broken', problem: wireProblem(toAppError(error)) }
  }
}

async function unlockedPart(open: Open): Promise<Partial<WorkspaceStatus> & Pick<WorkspaceStatus, 'state'>> {
  const { fingerprint } = await ownIdentity(open.db)
  // Damage of the lock is no reason to show an open workspace as broken; the next unlock tells.
  const recoverySince = await locks.recoverySince(open.store).catch(() => null)
  return { ...open.profile, recoverySince, fingerprint, unlockedAt: open.unlockedAt, state: 'unlocked' }
}

function wireProblem({ code, message, details }: AppError): WireError {
  return { code, message, ...(details === undefined ? {} : { details }) }
}

/** @throws AppError WORKSPACE_ABSENT */
async function existingWorkspace({ storage }: WorkspaceParts): Promise<NoydbStore> {
  const store = await storage.existing()
  if (store === null || !(await isWorkspace(store))) throw new AppError('WORKSPACE_ABSENT')
  return store
}

async function unlockWith(
  parts: WorkspaceParts,
  store: NoydbStore,
  secret: string,
): Promise<WorkspaceStatus> {
  await repairProfile(await parts.session.unlock(store, secret))
  return statusOf(parts)
}

function lockContext({ options }: WorkspaceParts, store: NoydbStore): locks.LockContext {
  const { kdf, clock = Date.now } = options
  return { store, kdf, now: () => new Date(clock()).toISOString() }
}

/** The lock lies outside the vaults; that it changed, when and by whom is told by the workspace's own trail. */
async function noteLock({ state, now }: Open, command: string): Promise<void> {
  await state.lockChanges.put('newest', { command, at: now() }, { reason: command })
}

/** A store that only was opened, as by a creation that stopped half way, is no workspace yet. */
async function isWorkspace(store: NoydbStore): Promise<boolean> {
  return (await store.list(STATE_VAULT_NAME, '_keyring')).length > 0
}

/** The names for the lock screen follow those in the vault. */
async function repairProfile(open: Open): Promise<void> {
  const shown = await readProfile(open.store)
  const { firmName, userName } = open.profile
  if (shown?.firmName === firmName && shown.userName === userName) return
  await writeProfile(open.store, open.profile, open.now())
}
