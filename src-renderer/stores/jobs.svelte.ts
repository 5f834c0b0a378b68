/** Running commands with their progress, and when something was last written. */
import type { JobProgress } from '../../src-shared/ipc/events.ts'
import { api, on } from '../lib/api.ts'

export interface Job extends JobProgress {
  readonly title: string
  readonly startedAt: number
  readonly seenAt: number
}

const titles: Readonly<Record<string, string>> = {
  'workspace.create': 'Creating the workspace',
  'imports.plan': 'Checking the bundle',
  'imports.apply': 'Importing',
  'imports.undo': 'Undoing the import',
  'exports.create': 'Writing the bundle',
  'exports.tables': 'Writing records',
  'receipts.create': 'Collecting decisions',
  'conflicts.decideMany': 'Applying decisions',
  'activity.verify': 'Verifying chains',
}

class Jobs {
  running = $state.raw<readonly Job[]>([])
  savedAt = $state.raw<Date>()

  follow(): () => void {
    const saved = (): void => void (this.savedAt = new Date())
    const stops = [
      on('job:progress', (progress) => this.#report(progress)),
      on('job:ended', ({ jobId }) => this.#end(jobId)),
      on('clients:changed', saved),
      on('conflicts:changed', saved),
      on('imports:changed', saved),
      on('settings:changed', saved),
    ]
    return () => {
      for (const stop of stops) stop()
      this.running = []
      this.savedAt = undefined
    }
  }

  async cancel(jobId: string): Promise<void> {
    await api.jobs.cancel({ jobId })
  }

  #report(progress: JobProgress): void {
    const known = this.running.find(({ jobId }) => jobId === progress.jobId)
    const now = Date.now()
    const job: Job = {
      ...progress,
      title: titles[progress.call] ?? progress.call,
      startedAt: known?.startedAt ?? now,
      seenAt: now,
    }
    this.running = known
      ? this.running.map((other) => (other === known ? job : other))
      : [...this.running, job]
  }

  #end(jobId: string): void {
    this.running = this.running.filter((job) => job.jobId !== jobId)
  }
}

export const jobs = new Jobs()

/** Seconds left at the pace so far; infinite until there is a pace. */
export function secondsLeft(job: Job): number {
  const spent = (job.seenAt - job.startedAt) / 1000
  return spent < 1 || job.done === 0 ? Infinity : (spent / job.done) * (job.total - job.done)
}
