/** A worker as the hosts ship it: built by their configuration, to be started by its path. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { onTestFinished } from 'vitest'
import serveConfig, { nodeEntries } from '../../../vite.serve.config.ts'

const out = join(import.meta.dirname, '../../../out')

/** Absolute path of the bundle; gone when the test is over. */
export async function bundleWorker(name: string): Promise<string> {
  // Inside the project, because the bundle finds its packages from where it stands.
  mkdirSync(out, { recursive: true })
  const outDir = mkdtempSync(join(out, 'worker-test-'))
  onTestFinished(() => {
    rmSync(outDir, { recursive: true, force: true })
  })
  const worker = nodeEntries[name]
  if (worker === undefined) throw new Error(`The hosts build no ${name}.`)
  const options = serveConfig.build?.rolldownOptions
  await build({
    ...serveConfig,
    configFile: false,
    logLevel: 'error',
    build: { ...serveConfig.build, outDir, rolldownOptions: { ...options, input: { [name]: worker } } },
  })
  return join(outDir, `${name}.js`)
}
