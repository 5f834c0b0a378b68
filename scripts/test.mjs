// `npm test`: everything CI runs, from a fresh clone. Installs what is missing, runs every step even after a failure,
// and ends with one line, `N passed, N failed, N skipped`. With `--static` only the checks (`npm run check`),
// with `--unit` or `--e2e` only those tests.
import { ensureInstalled, ensureTestSystem, requireVersions } from './lib/install.mjs'
import { report, runSteps } from './lib/steps.mjs'
import { e2eSteps, staticSteps, unitSteps } from './lib/test-steps.mjs'

const groups = { '--static': ['static'], '--unit': ['unit'], '--e2e': ['e2e'] }
const chosen = groups[process.argv[2]] ?? ['static', 'unit', 'e2e']

try {
  requireVersions()
  await ensureInstalled()
} catch (error) {
  console.error(error.message)
  console.log('0 passed, 1 failed, 0 skipped')
  process.exit(1)
}

const steps = []
if (chosen.includes('static')) steps.push(...staticSteps)
if (chosen.includes('unit')) steps.push(...unitSteps)
if (chosen.includes('e2e')) {
  const missing = await ensureTestSystem()
  if (missing.length > 0)
    console.error(`Missing for the end-to-end tests: apt-get install ${missing.join(' ')}`)
  steps.push(...e2eSteps)
}

process.exitCode = report(await runSteps(steps)) ? 0 : 1
