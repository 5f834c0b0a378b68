/** Finds the host this window runs in and lays the cable to it. */
import { connectApi } from './api.ts'
import { electronTransport } from './transport/electron.ts'
import { openLoopback, type LoopbackTransport } from './transport/loopback.ts'

let loopback: LoopbackTransport | undefined

/** @throws CallError FORBIDDEN in a browser tab without a session. */
export async function connectHost(): Promise<void> {
  const electron = electronTransport()
  if (electron === undefined) loopback = await openLoopback()
  const transport = electron ?? loopback
  if (transport) connectApi(transport)
}

/** The browser host's way to move files; undefined in Electron, whose main process has native dialogs. */
export function browserFiles(): Pick<LoopbackTransport, 'upload' | 'download'> | undefined {
  return loopback
}
