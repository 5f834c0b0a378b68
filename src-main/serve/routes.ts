/** The loopback host's routes: the renderer's files, one session, calls, and files in and out. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { z } from 'zod'
import type { FileRef } from '../../src-shared/ipc/common.ts'
import type { WireError } from '../../src-shared/ipc/errors.ts'
import { type FilePurpose, filePurpose } from '../../src-shared/ipc/system.ts'
import type { Dispatch } from '../ipc/register.ts'
import { bearerOf, cookieOf, isOwnPage, readJson, send, sendJson } from './http.ts'
import { readStaticFile } from '../host/static-files.ts'
import type { TokenDesk } from './token.ts'

/** What the routes need of the console's file service. */
export interface FileDesk {
  /** Streams an upload to disk, capped. @throws AppError FILE_TOO_LARGE */
  receive(content: AsyncIterable<Uint8Array>, about: { name: string; purpose: FilePurpose }): Promise<FileRef>
  /** @throws AppError FILE_GONE */
  read(handle: string): Promise<{ name: string; bytes: Uint8Array }>
}

export interface RouteOptions {
  readonly port: () => number
  readonly rendererFolder: string
  readonly desk: TokenDesk
  readonly dispatch: Dispatch
  readonly files: FileDesk
  readonly encodeError: (error: unknown) => WireError
}

export function createRoutes(options: RouteOptions): RequestListener {
  return (request, response) => {
    route(options, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy()
      else sendJson(response, 500, { ok: false, error: options.encodeError(error) })
    })
  }
}

async function route(
  options: RouteOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const key = `${request.method} ${url.pathname.startsWith('/files/') ? '/files/*' : url.pathname}`
  if (!isOwnPage(request, options.port())) {
    forbid(response)
    return
  }
  if (key === 'POST /session') return openSession(options, request, response)
  const route = guarded[key]
  if (route === undefined) return sendStatic(options, request, url, response)
  if (!options.desk.accepts(bearerOf(request), cookieOf(request, cookieName(options.port())))) {
    forbid(response)
    return
  }
  return route(options, request, response, url)
}

type Route = (
  options: RouteOptions,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
) => Promise<void>

/** Routes that need the bearer and the cookie. */
const guarded: Readonly<Record<string, Route>> = {
  'POST /call': async (options, request, response) => {
    sendJson(response, 200, await options.dispatch(await readJson(request)))
  },
  'POST /files': receiveFile,
  'GET /files/*': sendFile,
}

const uploadQuery = z.object({ purpose: filePurpose, name: z.string().min(1).max(512) })

async function receiveFile(
  options: RouteOptions,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
) {
  const about = uploadQuery.safeParse(Object.fromEntries(url.searchParams))
  if (!about.success) {
    sendJson(response, 400, { ok: false, error: { code: 'BAD_INPUT', message: 'No file name.' } })
    return
  }
  const value = await options.files.receive(request as AsyncIterable<Buffer>, about.data)
  sendJson(response, 200, { ok: true, value })
}

async function sendFile(
  options: RouteOptions,
  _request: IncomingMessage,
  response: ServerResponse,
  url: URL,
) {
  const file = await options.files.read(url.pathname.slice('/files/'.length))
  send(response, 200, Buffer.from(file.bytes), {
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
  })
}

const sessionRequest = z.object({ token: z.string().min(1).max(128) })

async function openSession(
  options: RouteOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const asked = sessionRequest.safeParse(await readJson(request))
  const session = asked.success ? options.desk.redeem(asked.data.token) : null
  if (session === null) {
    forbid(response)
    return
  }
  const cookie = `${cookieName(options.port())}=${session.cookie}; HttpOnly; SameSite=Strict; Path=/`
  sendJson(response, 200, { bearer: session.bearer }, { 'Set-Cookie': cookie })
}

async function sendStatic(
  options: RouteOptions,
  request: IncomingMessage,
  url: URL,
  response: ServerResponse,
) {
  const file = request.method === 'GET' ? await readStaticFile(options.rendererFolder, url.pathname) : null
  if (file === null) {
    send(response, 404, Buffer.from('Not found'), { 'Content-Type': 'text/plain' })
    return
  }
  send(response, 200, file.bytes, { 'Content-Type': file.mediaType })
}

/** Cookies ignore ports, so two consoles on one machine need two names. */
function cookieName(port: number): string {
  return `lobby_${port}`
}

function forbid(response: ServerResponse): void {
  const error: WireError = {
    code: 'FORBIDDEN',
    message: 'This page is not in session. Open the address the console printed.',
  }
  sendJson(response, 403, { ok: false, error })
}
