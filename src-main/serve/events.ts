/** Pushes events to the tab in session over one WebSocket; the first message must carry the bearer. */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type RawData, type WebSocket } from 'ws'
import type { WireEvent } from '../../src-shared/ipc/transport.ts'
import { parseJson } from './http.ts'

/** A socket that has not shown its bearer by then is closed. */
const greetingMs = 5000

export interface EventSockets {
  push(event: WireEvent): void
  /** Ends every connection: a new token was issued, or the host stops. */
  closeAll(): void
}

export interface EventSocketOptions {
  readonly server: Server
  readonly allows: (request: IncomingMessage) => boolean
  readonly acceptsBearer: (bearer: string) => boolean
}

export function createEventSockets(options: EventSocketOptions): EventSockets {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 4096 })
  const greeted = new Set<WebSocket>()
  options.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url !== '/events' || !options.allows(request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (connection) => greet(connection))
  })

  function greet(connection: WebSocket): void {
    const timer = setTimeout(() => connection.close(1008), greetingMs)
    connection.once('message', (data) => {
      clearTimeout(timer)
      if (!options.acceptsBearer(bearerIn(data))) return connection.close(1008)
      greeted.add(connection)
      connection.once('close', () => greeted.delete(connection))
    })
  }

  return {
    push(event) {
      const text = JSON.stringify(event)
      for (const connection of greeted) connection.send(text)
    },
    closeAll() {
      for (const connection of sockets.clients) connection.close(1001)
    },
  }
}

function bearerIn(data: RawData): string {
  const message = parseJson(Buffer.isBuffer(data) ? data.toString('utf8') : '')
  const bearer =
    typeof message === 'object' && message !== null && 'bearer' in message ? message.bearer : null
  return typeof bearer === 'string' ? bearer : ''
}
