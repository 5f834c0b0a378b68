// Builds the three Electron bundles and the loopback host, and knows when that is needed.
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { node24, root, run, tool } from './project.mjs'

const stamp = join(root, 'out/.built')
const sources = [
  'packages',
  'src-main',
  'src-renderer',
  'src-shared',
  'resources',
  'electron.vite.config.ts',
  'vite.serve.config.ts',
  'svelte.config.js',
  'package-lock.json',
]

function newest(path) {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) return 0
  if (!stats.isDirectory()) return stats.mtimeMs
  const entries = readdirSync(path).filter((name) => name !== 'node_modules')
  // The folder's own time counts: deleting a file changes nothing else.
  return Math.max(stats.mtimeMs, ...entries.map((name) => newest(join(path, name))))
}

/** Is out/ at least as new as every source? */
function isBuilt() {
  const built = statSync(stamp, { throwIfNoEntry: false })
  if (!built) return false
  return sources.every((source) => newest(join(root, source)) <= built.mtimeMs)
}

/** Builds everything; throws when a part fails. */
export async function build() {
  const startedAt = new Date()
  const parts = [
    [tool.electronVite, 'build'],
    [tool.vite, 'build', '--config', 'vite.serve.config.ts'],
  ]
  for (const args of parts) {
    const code = await run(node24, args)
    if (code !== 0) throw new Error(`The build failed: ${args.join(' ')} (exit code ${code}).`)
  }
  mkdirSync(join(root, 'out'), { recursive: true })
  writeFileSync(stamp, `${startedAt.toISOString()}\n`)
  // The time of the start: a source saved while the build ran is newer than its output.
  utimesSync(stamp, startedAt, startedAt)
}

/** Builds only when a source changed. */
export async function ensureBuilt() {
  if (!isBuilt()) await build()
}
