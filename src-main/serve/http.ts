/** Small pieces of HTTP the loopback host needs. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { securityHeaders } from '../host/headers.ts'

/** A JSON body larger than this is refused; files go through their own route. */
const bodyLimitBytes = 4 * 1024 * 1024

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: HeaderMap = {},
): void {
  send(response, status, Buffer.from(JSON.stringify(value)), {
    ...headers,
    'Content-Type': 'application/json; charset=utf-8',
  })
}

export type HeaderMap = Readonly<Record<string, string>>

export function send(response: ServerResponse, status: number, body: Buffer, headers: HeaderMap): void {
  response.writeHead(status, { ...securityHeaders, 'Content-Length': String(body.length), ...headers })
  response.end(body)
}

/** The parsed body, or null when it is too large or not JSON. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bodyLimitBytes) return null
    chunks.push(chunk)
  }
  return parseJson(Buffer.concat(chunks).toString('utf8'))
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

export function bearerOf(request: IncomingMessage): string | null {
  const header = request.headers.authorization ?? ''
  return header.startsWith('Bearer ') ? header.slice('Bearer '.length) : null
}

export function cookieOf(request: IncomingMessage, name: string): string | null {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2)
    if (key === name && value !== undefined) return value
  }
  return null
}

/**
 * Only this host's own pages. The Host check stops DNS rebinding, the Origin check stops other sites; a page
 * of ours always sends an Origin with a POST and with a WebSocket.
 */
export function isOwnPage(request: IncomingMessage, port: number): boolean {
  const host = request.headers.host ?? ''
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) return false
  const origin = request.headers.origin
  if (origin !== undefined) return origin === `http://${host}`
  return request.method === 'GET' && request.headers.upgrade === undefined
}
