/**
 * The host's message loop. Calls run one after another; neighbouring single writes of one batch share one commit,
 * so that many callers at once pay for one disk sync, and none hears "done" before that sync.
 */
import { type Failure, HostFailure, sentences } from '../failures.ts'
import { type Host, openHost } from './host.ts'
import { failureFrom } from './sqlite-errors.ts'
import type { HostPort, HostSettings, Reply, Request } from './protocol.ts'

export function serve(port: HostPort): void {
  let host: Host | undefined
  let closing = false

  function answer([sequence, call, args]: Request): Reply {
    try {
      if (call === 'open')
        host = openHost(args[0] as HostSettings) // the client's `call` typed it
      else if (host === undefined) throw new HostFailure('STORE_CLOSED', sentences.STORE_CLOSED)
      else return [sequence, dispatch(host, call, args)]
      return [sequence, null]
    } catch (error) {
      return [sequence, null, failureFrom(error, host?.file ?? '')]
    } finally {
      closing ||= call === 'close'
    }
  }

  port.onRequests((requests) => {
    const replies: Reply[] = []
    for (const run of runsOfWrites(requests)) {
      if (host === undefined || run.length === 1) replies.push(...run.map(answer))
      else replies.push(...(shareCommit(host, run) ?? run.map(answer)))
    }
    port.post(replies)
    if (closing) port.end()
  })
  port.onGone(() => host?.calls.close())
}

function dispatch(host: Host, call: keyof Host['calls'], args: readonly unknown[]): unknown {
  const method = host.calls[call] as (...args: readonly unknown[]) => unknown // the client's `call` typed the arguments
  return method(...args)
}

const isSingleWrite = ([, call]: Request): boolean => call === 'put' || call === 'delete'

/** Splits a batch where single writes and other calls meet; others stand alone. */
function runsOfWrites(requests: readonly Request[]): Request[][] {
  const runs: Request[][] = []
  let open: Request[] | undefined
  for (const request of requests) {
    if (open !== undefined && isSingleWrite(request)) open.push(request)
    else runs.push((open = [request]))
    if (!isSingleWrite(request)) open = undefined
  }
  return runs
}

/** All writes of the run in one transaction; undefined when it failed and each has to be tried by itself. */
function shareCommit(host: Host, run: readonly Request[]): Reply[] | undefined {
  try {
    return host.transaction.run(() =>
      run.map(([sequence, call, args]): Reply => {
        const conflict = conflictOf(() => dispatch(host, call as 'put' | 'delete', args)) // runs hold only those
        return conflict === undefined ? [sequence, null] : [sequence, null, conflict]
      }),
    )
  } catch {
    return undefined // the cause is met again, and answered, by the write that has it
  }
}

/** A lost compare-and-set has changed nothing, so the others go on. */
function conflictOf(write: () => unknown): Failure | undefined {
  try {
    write()
    return undefined
  } catch (error) {
    if (error instanceof HostFailure && error.failure.code === 'CONFLICT') return error.failure
    throw error
  }
}
