/** The cable into the sandboxed page: two functions over two channels. It knows no call names; main refuses unknown ones. */
import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron'
import type { Transport, WireEvent } from '../../src-shared/ipc/transport.ts'

const transport: Transport = {
  invoke: (call) => ipcRenderer.invoke('call', call),
  subscribe(listener) {
    const forward = (_event: IpcRendererEvent, event: WireEvent): void => listener(event)
    ipcRenderer.on('event', forward)
    return () => ipcRenderer.removeListener('event', forward)
  },
}

contextBridge.exposeInMainWorld('lobby', transport)
