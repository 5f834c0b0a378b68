/** The built renderer as files: what a URL path names, and its media type. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
}

const notAFile = new Set<unknown>(['ENOENT', 'EISDIR', 'ENOTDIR'])

export interface StaticFile {
  readonly bytes: Buffer
  readonly mediaType: string
}

/** Null where there is no such file below `folder`. */
export async function readStaticFile(folder: string, urlPath: string): Promise<StaticFile | null> {
  const file = resolveInside(folder, urlPath)
  const mediaType = file === null ? undefined : mediaTypes[path.extname(file)]
  if (file === null || mediaType === undefined) return null
  const bytes = await readFile(file).catch((error: unknown) => {
    if (notAFile.has(codeOf(error))) return null
    throw error
  })
  return bytes === null ? null : { bytes, mediaType }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** The file a URL path names below `folder`, or null when it names something outside or nothing at all. */
export function resolveInside(folder: string, urlPath: string): string | null {
  const decoded = decodePath(urlPath === '/' ? '/index.html' : urlPath)
  if (decoded === null || decoded.includes('\0')) return null
  const wanted = path.join(folder, decoded)
  const relative = path.relative(folder, wanted)
  return relative.startsWith('..') || path.isAbsolute(relative) ? null : wanted
}

function decodePath(urlPath: string): string | null {
  try {
    return decodeURIComponent(urlPath)
  } catch (error) {
    if (error instanceof URIError) return null
    throw error
  }
}
