// Checks Node and npm, and installs the packages when they are missing or differ from the lockfile.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRoot, node24, onPath, outerEnv, root, run } from './project.mjs'

const onWindows = process.platform === 'win32'

/** Says what to do when the tools outside the repository are too old; npm 10 would ignore `allowScripts`. */
export function requireVersions() {
  const node = Number(process.versions.node.split('.')[0])
  if (node < 20) throw new Error(`Node ${process.versions.node} is too old: install Node 20 or later.`)
  let npm
  try {
    npm = execFileSync('npm', ['--version'], {
      env: outerEnv(),
      shell: onWindows,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .toString()
      .trim()
  } catch {
    throw new Error('npm was not found: install Node with npm, then `npm install --global npm@11`.')
  }
  if (Number(npm.split('.')[0]) < 11) {
    throw new Error(`npm ${npm} is too old: run \`npm install --global npm@11\` and start again.`)
  }
}

function lockedPackages(file) {
  if (!existsSync(file)) return undefined
  return JSON.parse(readFileSync(file, 'utf8')).packages
}

/** Compares what npm recorded in node_modules with the lockfile: no stamp of our own to go stale. */
function isInstalled() {
  const wanted = lockedPackages(join(root, 'package-lock.json'))
  const present = lockedPackages(join(root, 'node_modules/.package-lock.json'))
  if (!present || !existsSync(node24)) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') || entry.link || entry.optional || entry.devOptional) return true
    return present[path]?.version === entry.version
  })
}

/** `npm ci` when needed. */
export async function ensureInstalled() {
  if (isInstalled()) return
  console.log('Installing packages (npm ci) …')
  const code = await run('npm', ['ci', '--no-audit', '--no-fund'], { env: outerEnv(), shell: onWindows })
  if (code !== 0) throw new Error(`npm ci failed (exit code ${code}).`)
  if (!existsSync(node24)) {
    throw new Error(
      'Node 24 is missing: the install script of the package `node` did not run (ignore-scripts is set?).',
    )
  }
}

// What the browser and window tests need, by the program or library that shows it is there.
const debianPackages = {
  xvfb: () => onPath('xvfb-run'),
  chromium: () => ['chromium', 'chromium-browser', 'google-chrome'].some(onPath),
  'libgtk-3-0': () => hasLibrary('libgtk-3.so.0'),
  libnss3: () => hasLibrary('libnss3.so'),
  libasound2: () => hasLibrary('libasound.so.2'),
  libgbm1: () => hasLibrary('libgbm.so.1'),
}

function hasLibrary(name) {
  return ['/usr/lib', '/usr/lib64', '/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu'].some(
    (folder) => existsSync(join(folder, name)),
  )
}

/** Installs the Debian packages of the end-to-end tests when it may; returns the names still missing. */
export async function ensureTestSystem() {
  if (process.platform !== 'linux') return []
  const missing = () => Object.keys(debianPackages).filter((name) => !debianPackages[name]())
  const names = missing()
  if (names.length === 0 || !isRoot || !onPath('apt-get')) return names
  console.log(`Installing Debian packages: ${names.join(' ')} …`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update', '-qq'], { env })
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], { env })
  return missing()
}
