/** The worker as the hosts ship it: bundled by their configuration, started by its path. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { expect, onTestFinished, test } from 'vitest'
import serveConfig, { nodeEntries } from '../../../../../vite.serve.config.ts'
import { createExpressionRunner } from './runner.ts'

const out = join(import.meta.dirname, '../../../../../out')

test('the bundled worker answers as the source does', async () => {
  // Inside the project, because the bundle finds its packages from where it stands.
  mkdirSync(out, { recursive: true })
  const outDir = mkdtempSync(join(out, 'worker-test-'))
  onTestFinished(() => {
    rmSync(outDir, { recursive: true, force: true })
  })
  const worker = nodeEntries['jsonata-worker']
  if (worker === undefined) throw new Error('The hosts build no worker for expressions.')
  const options = serveConfig.build?.rolldownOptions
  await build({
    ...serveConfig,
    configFile: false,
    logLevel: 'error',
    build: {
      ...serveConfig.build,
      outDir,
      rolldownOptions: { ...options, input: { 'jsonata-worker': worker } },
    },
  })
  const runner = createExpressionRunner({ entry: join(outDir, 'jsonata-worker.js') })
  onTestFinished(() => runner.close())
  const rows = [{ id: 'a', body: { price: '1.10' } }]
  const placeOf = (_: number, id: string) => ({ template: 't', collection: 'c', to: 2, id })
  const results = await runner.run({ expressions: ['{ "cents": $toMinor(price, "EUR") }'], rows, placeOf })
  expect(results).toEqual([{ id: 'a', value: { cents: 110 } }])
})
