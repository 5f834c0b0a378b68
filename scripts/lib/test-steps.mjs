// The steps of `npm test`: what runs, and how its result is counted.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ensureBuilt } from './build.mjs'
import { failedPages, failedUnits } from './failures.mjs'
import { capture, node24, onPath, root, run, tool } from './project.mjs'
import { failedOnce, passedOnce, skippedOnce } from './steps.mjs'

/** A check that passes or fails as a whole. */
function check(name, ...args) {
  return { name, run: async () => ((await run(node24, args)) === 0 ? passedOnce() : failedOnce()) }
}

/** The same beside the other steps: for the one check that takes as long as all the others together. */
function slowCheck(name, ...args) {
  const runAhead = async () => {
    const { code, output } = await capture(node24, args)
    return { ...(code === 0 ? passedOnce() : failedOnce()), output }
  }
  return { name, background: true, run: runAhead }
}

export const staticSteps = [
  check('format', tool.prettier, '--check', '--log-level', 'warn', '.'),
  check('types: node', tool.tsc, '--project', 'tsconfig.node.json'),
  check('types: svelte', tool.svelteCheck, '--tsconfig', './tsconfig.web.json', '--fail-on-warnings'),
  check('size', 'scripts/check-size.mjs'),
  check('boundaries', 'scripts/check-boundaries.mjs'),
  check('dead code', 'scripts/check-dead.mjs'),
  slowCheck('lint', tool.eslint, '.', '--max-warnings', '0'),
]

export const unitSteps = [
  { name: 'test data', run: checkTestData },
  { name: 'unit and integration tests', run: runVitest },
]

export const e2eSteps = [
  { name: 'build', run: () => ensureBuilt().then(passedOnce) },
  { name: 'end-to-end tests', run: runPlaywright },
]

/** The reference data is not part of the repository; without it tests that read it are skipped, in CI never. */
async function checkTestData() {
  const folder = resolve(root, process.env.LOBBY_TEST_DATA ?? '../shared/data')
  if (existsSync(folder)) return passedOnce()
  console.log(`No test data at ${folder}; set LOBBY_TEST_DATA.`)
  return process.env.CI === 'true' ? failedOnce() : skippedOnce()
}

function readReport(name) {
  const file = join(root, 'test-results', name)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

/** A runner that ends badly without a failed test (a crash, a file that does not load) counts as one failure. */
function counted(counts, code) {
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

async function runVitest() {
  rmSync(join(root, 'test-results/unit.json'), { force: true })
  const output = '--outputFile.json=test-results/unit.json'
  const code = await run(node24, [tool.vitest, 'run', '--reporter=default', '--reporter=json', output])
  const result = readReport('unit.json')
  const counts = {
    passed: result?.numPassedTests ?? 0,
    failed: result?.numFailedTests ?? 0,
    skipped: (result?.numPendingTests ?? 0) + (result?.numTodoTests ?? 0),
  }
  return { ...counted(counts, code), failures: failedUnits(result) }
}

async function runPlaywright() {
  rmSync(join(root, 'test-results/e2e.json'), { force: true })
  const args = [tool.playwright, 'test']
  const needsDisplay = process.platform === 'linux' && !process.env.DISPLAY && onPath('xvfb-run')
  const command = needsDisplay ? ['xvfb-run', ['--auto-servernum', node24, ...args]] : [node24, args]
  const code = await run(...command)
  const result = readReport('e2e.json')
  const stats = result?.stats
  const counts = {
    passed: (stats?.expected ?? 0) + (stats?.flaky ?? 0),
    failed: stats?.unexpected ?? 0,
    skipped: stats?.skipped ?? 0,
  }
  return { ...counted(counts, code), failures: failedPages(result) }
}
