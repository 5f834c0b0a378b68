/** Everything a page could ask of the shell is denied unless listed here (electronjs.org/docs/latest/tutorial/security). */
import { app, session, type WebContents } from 'electron'
import { isConsoleUrl } from './protocol.ts'

/** The console copies a recovery code for the person and empties the clipboard again; it never reads it. */
const isAllowed = (permission: string): boolean => permission === 'clipboard-sanitized-write'

export function hardenSession(): void {
  session.defaultSession.setPermissionRequestHandler((_contents, permission, answer) =>
    answer(isAllowed(permission)),
  )
  session.defaultSession.setPermissionCheckHandler((_contents, permission) => isAllowed(permission))
  session.defaultSession.setDevicePermissionHandler(() => false)
}

export function hardenEveryPage(): void {
  app.on('web-contents-created', (_event, contents) => hardenPage(contents))
}

function hardenPage(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-navigate', (event) => {
    if (!isConsoleUrl(event.url)) event.preventDefault()
  })
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
}
