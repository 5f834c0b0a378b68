/** Running calls: each can be stopped, and reports how far it is a few times a second. */
import type { CallName } from '../../src-shared/ipc/contract.ts'
import type { CallContext } from '../../src-shared/ipc/define.ts'
import type { JobProgress } from '../../src-shared/ipc/events.ts'
import type { Emit } from './options.ts'

export interface Job extends CallContext {
  readonly end: () => void
}

export interface Jobs {
  start(jobId: string, call: CallName): Job
  /** A job that is over is left as it is. */
  cancel(jobId: string): void
  cancelAll(): void
}

const reportEveryMs = 100

export function createJobs(emit: Emit): Jobs {
  const running = new Map<string, AbortController>()
  const stop = (controller: AbortController): void => {
    controller.abort(new DOMException('Stopped by the person.', 'AbortError'))
  }
  return {
    start(jobId, call) {
      const controller = new AbortController()
      running.set(jobId, controller)
      const report = throttled((progress) => {
        emit('job:progress', progress)
      })
      return {
        jobId,
        signal: controller.signal,
        progress: (done, total, label) => {
          report({ jobId, call, done, total, ...(label === undefined ? {} : { label }) })
        },
        end: () => {
          if (running.get(jobId) === controller) running.delete(jobId)
          if (report.used()) emit('job:ended', { jobId })
        },
      }
    },
    cancel(jobId) {
      const controller = running.get(jobId)
      if (controller) stop(controller)
    },
    cancelAll() {
      for (const controller of running.values()) stop(controller)
    },
  }
}

/** The first and the last report always get through. */
function throttled(report: (progress: JobProgress) => void) {
  let last = -Infinity
  const send = (progress: JobProgress): void => {
    const now = performance.now()
    if (now - last < reportEveryMs && progress.done < progress.total) return
    last = now
    report(progress)
  }
  return Object.assign(send, { used: () => last !== -Infinity })
}
