import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { JobProgress } from '../../src-shared/ipc/events.ts'
import type { WireCall } from '../../src-shared/ipc/transport.ts'
import { MemoryTransport } from '../testing/memory-transport.ts'
import { api, call, CallError, connectApi, isCode, on } from './api.ts'

let transport: MemoryTransport

function connect(handlers: ConstructorParameters<typeof MemoryTransport>[0]): void {
  transport = new MemoryTransport(handlers)
  connectApi(transport)
}

beforeEach(() => connect({}))

describe('api', () => {
  it('names the call by domain and verb and passes the input on', async () => {
    connect({ 'clients.get': (input: { vaultId: string }) => ({ name: `client ${input.vaultId}` }) })
    await expect(api.clients.get({ vaultId: 'v1' })).resolves.toEqual({ name: 'client v1' })
    expect(transport.calls).toMatchObject([{ name: 'clients.get', input: { vaultId: 'v1' } }])
  })

  it('sends an empty input where a call takes none, and a new id every time', async () => {
    connect({ 'clients.list': () => [] })
    await Promise.all([api.clients.list(), api.clients.list()])
    expect(transport.calls.map(({ input }) => input)).toEqual([{}, {}])
    expect(new Set(transport.calls.map(({ id }) => id)).size).toBe(2)
  })

  it('rejects with the code, details and reference of the answer', async () => {
    const details = { issues: [{ path: 'total', message: 'is missing' }] }
    connect({
      'workspace.lock': () => {
        throw { code: 'RECORD_INVALID', message: 'no', details, ref: 'e-1' } // eslint-disable-line @typescript-eslint/only-throw-error -- the wire error itself
      },
    })
    const error: unknown = await api.workspace.lock().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(CallError)
    expect(error).toMatchObject({ code: 'RECORD_INVALID', details, ref: 'e-1' })
    expect(isCode(error, 'LOCKED', 'RECORD_INVALID')).toBe(true)
    expect(isCode(error, 'LOCKED')).toBe(false)
  })
})

describe('call', () => {
  const progressOf = (jobId: string, done: number): JobProgress => ({
    jobId,
    call: 'imports.apply',
    done,
    total: 3,
  })

  it('reports the progress of its own job only, and stops listening when it is over', async () => {
    connect({
      'imports.apply': (_: unknown, { id }: WireCall) => {
        transport.emit('job:progress', progressOf('another', 1))
        transport.emit('job:progress', progressOf(id, 2))
        return {}
      },
    })
    const seen: number[] = []
    await call('imports.apply', { planId: 'p' }, { onProgress: ({ done }) => seen.push(done) })
    expect(seen).toEqual([2])
    expect(transport.listenerCount).toBe(0)
  })

  it('cancels the job by its id when the signal aborts', async () => {
    const abort = new AbortController()
    connect({
      'imports.apply': () => {
        abort.abort()
        return {}
      },
      'jobs.cancel': () => ({}),
    })
    await call('imports.apply', { planId: 'p' }, { signal: abort.signal })
    const [started] = transport.named('imports.apply')
    expect(transport.named('jobs.cancel')[0]?.input).toEqual({ jobId: started?.id })
  })

  it('does not start once aborted', async () => {
    await expect(call('clients.list', {}, { signal: AbortSignal.abort() })).rejects.toThrow()
    expect(transport.calls).toEqual([])
  })
})

describe('on', () => {
  it('hears one event by name until it is unsubscribed', () => {
    const heard = vi.fn()
    const stop = on('clients:changed', heard)
    transport.emit('imports:changed', {})
    transport.emit('clients:changed', { vaultIds: ['a'] })
    stop()
    transport.emit('clients:changed', { vaultIds: ['b'] })
    expect(heard.mock.calls).toEqual([[{ vaultIds: ['a'] }]])
  })
})
