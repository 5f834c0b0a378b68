// Run by npm after an install: points git at our hooks, unless somebody chose others. Never fails: an export or a CI
// checkout has no need of hooks.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const git = (...args) => spawnSync('git', ['config', '--local', ...args], { encoding: 'utf8' })

if (existsSync('.git') && process.env.CI !== 'true' && !git('--get', 'core.hooksPath').stdout?.trim()) {
  git('core.hooksPath', 'scripts/hooks')
}
