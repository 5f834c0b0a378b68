/** The workspace file: whether there is one, making it, opening and closing it. */
import { ownIdentity } from '@klum-db/lobby'
import type { NoydbStore } from '@noy-db/hub/store'
import { STATE_VAULT_NAME } from '@noy-db/hub'
import type { WireError } from '../../src-shared/ipc/errors.ts'
import type { WorkspaceStatus } from '../../src-shared/ipc/workspace.ts'
import { AppError, toAppError } from './app-error.ts'
import type { ConsoleOptions } from './options.ts'
import { checkPassphrase } from './passphrase.ts'
import { type Profile, readProfile, writeProfile } from './profile.ts'
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
    async create({ firmName, userName, passphrase, demo }, report) {
      checkPassphrase(passphrase)
      const before = await storage.existing()
      if (before !== null && (await isWorkspace(before))) throw new AppError('WORKSPACE_EXISTS')
      const open = await makeWorkspace(parts, passphrase, { firmName, userName })
      const files = demo ? await parts.fillDemo(open, report) : null
      return { status: await statusOf(parts), demo: files }
    },
    async unlock(passphrase) {
      const store = await storage.existing()
      if (store === null || !(await isWorkspace(store))) throw new AppError('WORKSPACE_ABSENT')
      const open = await session.unlock(store, passphrase)
      await repairProfile(open)
      return statusOf(parts)
    },
    async lock() {
      session.lock()
      await parts.cleanUp()
    },
  }
}

/** A file that could not become a workspace is not left behind. */
async function makeWorkspace(parts: WorkspaceParts, passphrase: string, profile: Profile): Promise<Open> {
  const { session, storage } = parts
  const existed = (await storage.existing()) !== null
  try {
    const store = await storage.create()
    const open = await session.unlock(store, passphrase, profile)
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
    host: options.host,
  }
  const open = session.current
  if (open !== null) return { ...empty, ...(await unlockedPart(open)) }
  try {
    const store = await storage.existing()
    if (store === null || !(await isWorkspace(store))) return { ...empty, state: 'absent' }
    return { ...empty, ...(await readProfile(store)), state: 'locked' }
  } catch (error) {
    return { ...empty, state: 'broken', problem: wireProblem(toAppError(error)) }
  }
}

async function unlockedPart(open: Open): Promise<Partial<WorkspaceStatus> & Pick<WorkspaceStatus, 'state'>> {
  const { fingerprint } = await ownIdentity(open.db)
  return { ...open.profile, fingerprint, unlockedAt: open.unlockedAt, state: 'unlocked' }
}

function wireProblem({ code, message, details }: AppError): WireError {
  return { code, message, ...(details === undefined ? {} : { details }) }
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
