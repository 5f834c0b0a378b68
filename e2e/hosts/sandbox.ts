// Chromium's sandbox needs an ordinary user. Who already is one gets it wherever the system allows user namespaces;
// root may ask for a window that runs as `nobody`, so that at least one test sees the sandbox on.
import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const nobody = '65534'
export const isRoot = process.getuid?.() === 0

function setting(name: string, otherwise: string): string {
  const file = join('/proc/sys', name)
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : otherwise
}

function allowsUserNamespaces(): boolean {
  if (process.platform !== 'linux') return true
  if (setting('kernel/unprivileged_userns_clone', '1') === '0') return false
  if (setting('kernel/apparmor_restrict_unprivileged_userns', '0') === '1') return false
  return setting('user/max_user_namespaces', '1') !== '0'
}

/** Is a browser started by this process sandboxed? */
export const sandboxWorks = !isRoot && allowsUserNamespaces()

/** Why a window for `nobody` cannot be had here, or undefined when it can. `paths` are what it must be able to read. */
export function sandboxObstacle(...paths: string[]): string | undefined {
  if (!allowsUserNamespaces()) return 'the system forbids user namespaces'
  if (!isRoot) return undefined
  return paths.flatMap(parents).find(closedToOthers)?.replace(/$/, ' is closed to other users')
}

function parents(path: string): string[] {
  const parent = dirname(path)
  return parent === path ? [path] : [...parents(parent), path]
}

function closedToOthers(path: string): boolean {
  try {
    accessSync(path, constants.F_OK)
    execFileSync('setpriv', [...asNobody, 'test', '-r', path, '-a', '-x', path], { stdio: 'ignore' })
    return false
  } catch {
    return true
  }
}

const asNobody = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', '--']

/** A program that starts `executablePath` as nobody, with a home and access to this display; it owns `dataDir`. */
export async function runAsNobody(executablePath: string, dataDir: string): Promise<string> {
  const home = join(dataDir, 'home')
  await mkdir(home, { recursive: true })
  const authority = process.env['XAUTHORITY']
  if (authority && existsSync(authority)) await copyFile(authority, join(home, 'xauthority'))
  const wrapper = join(dataDir, 'as-nobody')
  const env = `HOME='${home}' XAUTHORITY='${join(home, 'xauthority')}'`
  await writeFile(wrapper, `#!/bin/sh\n${env} exec setpriv ${asNobody.join(' ')} '${executablePath}' "$@"\n`)
  await chmod(wrapper, 0o755)
  execFileSync('chown', ['-R', `${nobody}:${nobody}`, dataDir])
  return wrapper
}
