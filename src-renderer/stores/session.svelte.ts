/** The workspace as this window knows it: absent, locked, unlocked or broken. */
import type { InputOf } from '../../src-shared/ipc/contract.ts'
import type { JobProgress } from '../../src-shared/ipc/events.ts'
import type { WorkspaceStatus } from '../../src-shared/ipc/workspace.ts'
import type { demoFiles } from '../../src-shared/ipc/workspace.ts'
import { api, call, on } from '../lib/api.ts'

export type DemoFiles = (typeof demoFiles)['_output']

class Session {
  status = $state.raw<WorkspaceStatus>()
  /** Where the bundles of a fresh demo workspace lie, until the window is reloaded. */
  demo = $state.raw<DemoFiles | null>(null)
  #creating = false
  readonly state = $derived(this.status?.state)

  async load(): Promise<void> {
    this.status = await api.workspace.status()
  }

  /** Refetches when the workspace opens or locks, wherever that was asked for. */
  follow(onfailure: (error: unknown) => void): () => void {
    return on('session:changed', () => {
      // A workspace that is being made is open before its demo clients are there.
      if (!this.#creating) this.load().catch(onfailure)
    })
  }

  async create(
    input: InputOf<'workspace.create'>,
    onProgress: (progress: JobProgress) => void,
  ): Promise<void> {
    this.#creating = true
    try {
      const { status, demo } = await call('workspace.create', input, { onProgress })
      this.demo = demo
      this.status = status
    } finally {
      this.#creating = false
    }
  }

  async unlock(passphrase: string): Promise<void> {
    this.status = await api.workspace.unlock({ passphrase })
  }

  /** Sets a new passphrase with the recovery code and unlocks. */
  async recover(recoveryCode: string, passphrase: string): Promise<void> {
    this.status = await api.workspace.recover({ recoveryCode, passphrase })
  }

  /** Null takes the code away. */
  async setRecoveryCode(passphrase: string, recoveryCode: string | null): Promise<void> {
    this.status = await api.workspace.setRecoveryCode({ passphrase, recoveryCode })
  }

  async lock(): Promise<void> {
    await api.workspace.lock()
    this.demo = null
    await this.load()
  }
}

export const session = new Session()
