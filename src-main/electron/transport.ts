/** The Electron cable: one channel in, one channel out, and one check of who is asking. */
import { ipcMain, webContents, type IpcMainInvokeEvent } from 'electron'
import type { EventMap, EventName } from '../../src-shared/ipc/events.ts'
import type { WireResult } from '../../src-shared/ipc/errors.ts'
import type { Dispatch } from '../ipc/register.ts'
import { isConsoleUrl } from './protocol.ts'

export function connectPages(dispatch: Dispatch): void {
  ipcMain.handle('call', (event, call: unknown) => (isTrustedSender(event) ? dispatch(call) : forbidden()))
}

export function pushEvent<Name extends EventName>(name: Name, payload: EventMap[Name]): void {
  for (const contents of webContents.getAllWebContents()) {
    if (isConsoleUrl(contents.getURL())) contents.send('event', { name, payload })
  }
}

/** Our own page in its top frame; an embedded frame of the same window is not. */
function isTrustedSender(event: IpcMainInvokeEvent): boolean {
  const frame = event.senderFrame
  return frame !== null && frame.parent === null && isConsoleUrl(frame.url)
}

function forbidden(): WireResult {
  return {
    ok: false,
    error: { code: 'FORBIDDEN', message: 'This page may not ask the console for anything.' },
  }
}
