/** `app://console/` serves the built renderer and nothing else; a file:// page could read the disk. */
import { protocol } from 'electron'
import { securityHeaders } from '../host/headers.ts'
import { readStaticFile } from '../host/static-files.ts'

const scheme = 'app'
const origin = `${scheme}://console`

export const startUrl = `${origin}/index.html`

export function isConsoleUrl(url: string): boolean {
  return url === origin || url.startsWith(`${origin}/`)
}

/** Must run before the app is ready. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
}

export function serveRenderer(folder: string): void {
  protocol.handle(scheme, async (request) => {
    const file = isConsoleUrl(request.url)
      ? await readStaticFile(folder, new URL(request.url).pathname)
      : null
    if (file === null) return new Response('Not found', { status: 404 })
    const headers = { ...securityHeaders, 'Content-Type': file.mediaType }
    return new Response(new Uint8Array(file.bytes), { headers })
  })
}
