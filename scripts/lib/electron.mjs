// Finds an Electron to open the window with, or says why there is none.
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isRoot, node24, root, run } from './project.mjs'

const folder = join(root, 'node_modules/electron')
const failure = join(root, 'node_modules/.cache/electron-download-failed')
const retryAfter = 60 * 60_000

/** The executable of the `electron` package, when its download has happened. */
function installed() {
  const pathFile = join(folder, 'path.txt')
  if (!existsSync(pathFile)) return undefined
  const program = join(folder, 'dist', readFileSync(pathFile, 'utf8'))
  return existsSync(program) ? program : undefined
}

/** Tries the download once an hour at most: a machine without access should not wait at every start. */
async function download(insist) {
  const failed = statSync(failure, { throwIfNoEntry: false })
  if (!insist && failed && Date.now() - failed.mtimeMs < retryAfter) {
    return 'Electron could not be downloaded within the last hour (--host electron tries again).'
  }
  const seconds = Number(process.env.LOBBY_ELECTRON_TIMEOUT ?? 180)
  console.log(`Downloading Electron (about 110 MB, at most ${seconds} s) …`)
  const code = await run(node24, [join(folder, 'install.js')], { timeout: seconds * 1000 })
  if (code === 0 && installed()) {
    rmSync(failure, { force: true })
    return undefined
  }
  mkdirSync(dirname(failure), { recursive: true })
  writeFileSync(failure, '')
  return code === null ? `Electron was not downloaded in ${seconds} s.` : 'Electron could not be downloaded.'
}

/**
 * `program` and the arguments before the console's own, or a `reason`. LOBBY_ELECTRON names another executable.
 * @param {boolean} insist the person asked for the window by name
 */
export async function electronProgram(insist) {
  const noDisplay = process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY
  if (noDisplay) return { reason: 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set).' }
  const named = process.env.LOBBY_ELECTRON
  // As root Chromium cannot have its sandbox: only somebody who asks for the window gets one without it.
  if (isRoot && !named && !insist) return { reason: 'Electron does not run as root with its sandbox on.' }
  const args = isRoot ? ['--no-sandbox'] : []
  if (named) {
    if (!existsSync(named)) return { reason: `LOBBY_ELECTRON names ${named}, which does not exist.` }
    // A runtime that carries our build in resources/app finds it itself.
    const carried = existsSync(join(dirname(named), 'resources/app'))
    return { program: named, args: carried ? args : [...args, root] }
  }
  const reason = installed() ? undefined : await download(insist)
  return reason ? { reason } : { program: installed(), args: [...args, root] }
}
