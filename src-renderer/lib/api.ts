/**
 * The console's calls over whichever transport the host offers. `api.clients.list()` is a proxy over `call`, so no
 * call is written twice; `call` is for the long ones, which report progress and can be cancelled.
 */
import type { Api, CallName, InputOf, OutputOf } from '../../src-shared/ipc/contract.ts'
import type { EventMap, EventName, JobProgress } from '../../src-shared/ipc/events.ts'
import type { Transport } from '../../src-shared/ipc/transport.ts'
import { CallError } from './call-error.ts'

export { CallError, isCode, toCallError } from './call-error.ts'

export interface CallOptions {
  readonly onProgress?: (progress: JobProgress) => void
  readonly signal?: AbortSignal
}

// One window has one cable; it is laid once, before the first screen.
let cable: Transport | undefined

export function connectApi(transport: Transport): void {
  cable = transport
}

function transport(): Transport {
  if (!cable) throw new CallError({ code: 'INTERNAL', message: 'No transport is connected yet.' })
  return cable
}

/** Calls main by name; rejects with a CallError. */
export async function call<Name extends CallName>(
  name: Name,
  input: InputOf<Name>,
  options: CallOptions = {},
): Promise<OutputOf<Name>> {
  options.signal?.throwIfAborted()
  const id = crypto.randomUUID()
  const release = follow(id, options)
  try {
    const result = await transport().invoke({ id, name, input })
    if (!result.ok) throw new CallError(result.error)
    // The contract types both ends and main shapes every output; this is the one place that trusts it.
    return result.value as OutputOf<Name>
  } finally {
    release()
  }
}

function follow(id: string, { onProgress, signal }: CallOptions): () => void {
  const cancel = (): void =>
    void transport().invoke({ id: crypto.randomUUID(), name: 'jobs.cancel', input: { jobId: id } })
  signal?.addEventListener('abort', cancel)
  const stop = onProgress && on('job:progress', (progress) => progress.jobId === id && onProgress(progress))
  return () => {
    signal?.removeEventListener('abort', cancel)
    stop?.()
  }
}

/** Listens to one event; returns an unsubscribe function. */
export function on<Name extends EventName>(
  name: Name,
  listener: (payload: EventMap[Name]) => void,
): () => void {
  return transport().subscribe((event) => {
    // The name decides the payload's type, which the union cannot express through a generic.
    if (event.name === name) listener(event.payload as EventMap[Name])
  })
}

const domains = new Map<string, object>()

function domainProxy(domain: string): object {
  return new Proxy(Object.freeze({}), {
    get: (_, verb) =>
      typeof verb === 'string'
        ? (input?: unknown) => call(`${domain}.${verb}` as CallName, (input ?? {}) as InputOf<CallName>)
        : undefined,
  })
}

/** `api.conflicts.decide(input)`: one async function per call of the contract. */
export const api = new Proxy(Object.freeze({}), {
  get(_, domain) {
    if (typeof domain !== 'string') return undefined
    const known = domains.get(domain) ?? domainProxy(domain)
    domains.set(domain, known)
    return known
  },
}) as Api // The proxy answers every name; main refuses the ones the contract does not have.
