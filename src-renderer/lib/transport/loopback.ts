/**
 * The console behind HTTP on 127.0.0.1. The one-time token of the address is exchanged for a bearer, kept by this tab
 * so that a reload goes on with it; calls are POSTs, events come over one WebSocket that reconnects by itself.
 */
import type { FileRef } from '../../../src-shared/ipc/common.ts'
import type { WireError, WireResult } from '../../../src-shared/ipc/errors.ts'
import type { FilePurpose } from '../../../src-shared/ipc/system.ts'
import type { Transport, WireCall, WireEvent } from '../../../src-shared/ipc/transport.ts'
import { CallError } from '../call-error.ts'

const bearerKey = 'lobby.bearer'
const reconnectMs = 1500

export interface LoopbackTransport extends Transport {
  upload(file: File, purpose: FilePurpose): Promise<FileRef>
  download(handle: string): Promise<Blob>
}

/** @throws CallError FORBIDDEN when neither the address nor this tab holds a session. */
export async function openLoopback(): Promise<LoopbackTransport> {
  const bearer = await sessionBearer()
  const events = openEvents(bearer)
  const authorization = `Bearer ${bearer}`
  return {
    subscribe: events.subscribe,
    async invoke(call: WireCall): Promise<WireResult> {
      const body = JSON.stringify(call)
      const headers = { authorization, 'content-type': 'application/json' }
      return readResult(await reach('/call', { method: 'POST', headers, body }))
    },
    async upload(file, purpose) {
      const query = new URLSearchParams({ purpose, name: file.name })
      const response = await reach(`/files?${query}`, {
        method: 'POST',
        headers: { authorization },
        body: file,
      })
      return unwrap(await readResult(response)) as FileRef
    },
    async download(handle) {
      const response = await reach(`/files/${encodeURIComponent(handle)}`, { headers: { authorization } })
      if (response.ok) return response.blob()
      throw new CallError(errorOf(await readResult(response)))
    },
  }
}

async function sessionBearer(): Promise<string> {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token === null) {
    const kept = sessionStorage.getItem(bearerKey)
    if (kept !== null) return kept
    throw new CallError({ code: 'FORBIDDEN', message: 'This address carries no token.' })
  }
  // Out of the address bar and the history before anything else.
  history.replaceState(null, '', location.pathname)
  const body = JSON.stringify({ token })
  const response = await reach('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  if (!response.ok) throw new CallError(errorOf(await readResult(response)))
  const { bearer } = (await response.json()) as { bearer: string }
  sessionStorage.setItem(bearerKey, bearer)
  return bearer
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...init, credentials: 'same-origin', cache: 'no-store' })
  } catch (cause) {
    throw new CallError({
      code: 'STORE_UNAVAILABLE',
      message: `The console does not answer: ${String(cause)}`,
    })
  }
}

async function readResult(response: Response): Promise<WireResult> {
  const result: unknown = await response.json()
  if (typeof result === 'object' && result !== null && 'ok' in result) return result as WireResult
  return { ok: false, error: { code: 'INTERNAL', message: `Unexpected answer ${response.status}.` } }
}

function errorOf(result: WireResult): WireError {
  return result.ok ? { code: 'INTERNAL', message: 'An error came as a success.' } : result.error
}

function unwrap(result: WireResult): unknown {
  if (result.ok) return result.value
  throw new CallError(result.error)
}

function openEvents(bearer: string): Pick<Transport, 'subscribe'> {
  const listeners = new Set<(event: WireEvent) => void>()
  function connect(): void {
    const socket = new WebSocket(`ws://${location.host}/events`)
    socket.addEventListener('open', () => socket.send(JSON.stringify({ bearer })))
    socket.addEventListener('message', (message) => {
      const event = JSON.parse(String(message.data)) as WireEvent
      for (const listener of listeners) listener(event)
    })
    // 1008: the host does not know this bearer any more, asking again would not help.
    socket.addEventListener('close', ({ code }) => code !== 1008 && setTimeout(connect, reconnectMs))
  }
  connect()
  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
