/** The loopback host over a real socket: who gets in, and what a stranger's page gets. */
import { createServer } from 'node:http'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { testConsole } from '../console/test/fixture.ts'
import { encodeError } from '../ipc/encode-error.ts'
import { createHandlers } from '../ipc/handlers/index.ts'
import { registerContract } from '../ipc/register.ts'
import { createEventSockets } from './events.ts'
import { isOwnPage } from './http.ts'
import { createRoutes } from './routes.ts'
import { createTokenDesk } from './token.ts'

const silent = (): void => undefined

async function startHost() {
  const console = testConsole()
  const desk = createTokenDesk()
  const dispatch = registerContract({
    handlers: createHandlers(console),
    startJob: (jobId, call) => console.jobs.start(jobId, call),
    log: silent,
    checkOutput: true,
  })
  let port = 0
  const rendererFolder = join(import.meta.dirname, '../../src-renderer')
  const encode = (error: unknown) => encodeError(error, silent)
  const server = createServer(
    createRoutes({
      port: () => port,
      rendererFolder,
      desk,
      dispatch,
      files: console.files,
      encodeError: encode,
    }),
  )
  const sockets = createEventSockets({
    server,
    allows: (incoming) => isOwnPage(incoming, port),
    acceptsBearer: (bearer) => desk.acceptsBearer(bearer),
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port // a TCP server has an address object
  onTestFinished(() => {
    sockets.closeAll()
    server.closeAllConnections()
    server.close()
  })
  return { desk, port, sockets, origin: `http://127.0.0.1:${port}` }
}

type Host = Awaited<ReturnType<typeof startHost>>

interface Asked {
  readonly method?: string
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** Plain HTTP: `fetch` would not let a test lie about Host and Origin. */
function ask({ port }: Host, { method = 'POST', path, headers = {}, body = '' }: Asked) {
  return new Promise<{ status: number; body: unknown; cookie: string }>((resolve, reject) => {
    const asked = request({ port, method, path, headers, host: '127.0.0.1' }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const cookie = response.headers['set-cookie']?.[0] ?? ''
        resolve({
          status: response.statusCode ?? 0,
          body: text.startsWith('{') ? JSON.parse(text) : text,
          cookie,
        })
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

async function openSession(host: Host): Promise<Record<string, string>> {
  const token = host.desk.issue()
  const body = JSON.stringify({ token })
  const answer = await ask(host, { path: '/session', headers: { Origin: host.origin }, body })
  const { bearer } = answer.body as { bearer: string } // asserted by every call made with it
  return { Origin: host.origin, Authorization: `Bearer ${bearer}`, Cookie: answer.cookie.split(';')[0] ?? '' }
}

const statusCall = JSON.stringify({ id: '1', name: 'workspace.status', input: {} })

describe('a session', () => {
  test('carries calls, with a cookie no script can read', async () => {
    const host = await startHost()
    const token = host.desk.issue()
    const opened = await ask(host, {
      path: '/session',
      headers: { Origin: host.origin },
      body: JSON.stringify({ token }),
    })
    expect(opened.cookie).toMatch(/^lobby_\d+=[\w-]+; HttpOnly; SameSite=Strict; Path=\/$/)
    const headers = await openSession(host)
    const answer = await ask(host, { path: '/call', headers, body: statusCall })
    expect(answer.body).toMatchObject({ ok: true, value: { state: 'absent', host: 'loopback' } })
  })

  test('needs both halves, and ends when a new token is issued', async () => {
    const host = await startHost()
    const headers = await openSession(host)
    for (const missing of ['Authorization', 'Cookie', 'Origin']) {
      const rest = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== missing))
      expect((await ask(host, { path: '/call', headers: rest, body: statusCall })).status, missing).toBe(403)
    }
    host.desk.issue()
    expect((await ask(host, { path: '/call', headers, body: statusCall })).status).toBe(403)
  })

  test.each([
    ['a name that resolves to this machine', { Host: 'evil.example' }],
    ['another origin', { Origin: 'http://evil.example' }],
    ['another port of this machine', { Origin: 'http://127.0.0.1:1' }],
  ])('is not lent to %s', async (_who, change) => {
    const host = await startHost()
    const headers = { ...(await openSession(host)), ...change }
    expect((await ask(host, { path: '/call', headers, body: statusCall })).status).toBe(403)
  })
})

describe('what arrives', () => {
  test.each([
    ['not JSON', '{'],
    ['not a call', '{"hello":1}'],
    ['a call with more members', '{"id":"1","name":"workspace.status","input":{},"extra":1}'],
    ['a bad input', '{"id":"1","name":"clients.get","input":{"vaultId":7}}'],
  ])('%s is refused with a code', async (_what, body) => {
    const host = await startHost()
    const answer = await ask(host, { path: '/call', headers: await openSession(host), body })
    expect(answer.body).toMatchObject({ ok: false, error: { code: 'BAD_INPUT' } })
  })

  test('an unknown or inherited name is no call', async () => {
    const host = await startHost()
    const headers = await openSession(host)
    for (const name of ['workspace.explode', 'constructor', '__proto__']) {
      const answer = await ask(host, {
        path: '/call',
        headers,
        body: JSON.stringify({ id: '1', name, input: {} }),
      })
      expect(answer.body).toMatchObject({ ok: false, error: { code: 'UNKNOWN_CALL' } })
    }
  })

  test('an upload becomes a handle; an unknown handle is gone', async () => {
    const host = await startHost()
    const headers = await openSession(host)
    const sent = await ask(host, { path: '/files?purpose=bundle&name=may.noydb', headers, body: 'bytes' })
    expect(sent.body).toMatchObject({ ok: true, value: { name: 'may.noydb', bytes: 5 } })
    const wrong = await ask(host, { path: '/files?purpose=other&name=x', headers, body: 'bytes' })
    expect(wrong.status).toBe(400)
    const gone = await ask(host, { method: 'GET', path: '/files/nothing', headers })
    expect(gone.body).toMatchObject({ ok: false, error: { code: 'FILE_GONE' } })
  })
})

describe('events', () => {
  const heard = (host: Host, bearer: string, origin: string) =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${host.port}/events`, { origin })
      socket.on('open', () => {
        socket.send(JSON.stringify({ bearer }))
        setImmediate(function push() {
          if (socket.readyState !== WebSocket.OPEN) return
          host.sockets.push({ name: 'imports:changed', payload: {} })
          setTimeout(push, 10)
        })
      })
      socket.on('message', (data: Buffer) => {
        socket.close()
        resolve(data.toString())
      })
      socket.on('close', (code) => resolve(`closed ${code}`))
      socket.on('error', () => resolve('refused'))
    })

  test('reach the tab that shows its bearer, and no other', async () => {
    const host = await startHost()
    const { Authorization = '' } = await openSession(host)
    const bearer = Authorization.slice('Bearer '.length)
    expect(JSON.parse(await heard(host, bearer, host.origin))).toEqual({
      name: 'imports:changed',
      payload: {},
    })
    expect(await heard(host, 'guess', host.origin)).toBe('closed 1008')
    expect(await heard(host, bearer, 'http://evil.example')).toBe('refused')
  })
})
