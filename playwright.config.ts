// End-to-end tests: one spec per journey, in Chromium against the loopback host and in a real Electron window.
// `*.electron.spec.ts` runs in the window only, `*.both.spec.ts` in both, everything else in the browser only.
import { defineConfig } from 'playwright/test'
import type { HostOptions } from './e2e/fixtures.ts'

const inCi = process.env['CI'] === 'true'

export default defineConfig<HostOptions>({
  testDir: 'e2e',
  outputDir: 'test-results/e2e',
  timeout: 120_000,
  expect: { timeout: 20_000 },
  fullyParallel: true,
  workers: 2,
  forbidOnly: inCi,
  // A test that fails once is a failure: retries would hide races in our own code.
  retries: 0,
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  use: { trace: 'retain-on-failure', screenshot: 'only-on-failure', actionTimeout: 20_000 },
  projects: [
    { name: 'loopback', testIgnore: '**/*.electron.spec.ts', use: { host: 'loopback' } },
    {
      name: 'electron',
      testMatch: ['**/*.electron.spec.ts', '**/*.both.spec.ts'],
      use: { host: 'electron' },
    },
  ],
})
