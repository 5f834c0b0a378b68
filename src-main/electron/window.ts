/** The one window. Shown when painted, so nobody sees a white flash. */
import { BrowserWindow, nativeTheme } from 'electron'
import { startUrl } from './protocol.ts'

export async function openWindow(preload: string): Promise<void> {
  const window = new BrowserWindow({
    width: 1280,
    height: 820,
    minWidth: 900,
    minHeight: 600,
    show: false,
    title: 'Lobby Console',
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#16181a' : '#fbfbfa',
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      devTools: process.env['LOBBY_DEVTOOLS'] === '1',
    },
  })
  window.once('ready-to-show', () => window.show())
  await window.loadURL(startUrl)
}
