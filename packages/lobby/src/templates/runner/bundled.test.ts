import { expect, onTestFinished, test } from 'vitest'
import { bundleWorker } from '../../../test/bundle-worker.ts'
import { createExpressionRunner } from './runner.ts'

test('the bundled worker answers as the source does', async () => {
  const runner = createExpressionRunner({ entry: await bundleWorker('jsonata-worker') })
  onTestFinished(() => runner.close())
  const rows = [{ id: 'a', body: { price: '1.10' } }]
  const placeOf = (_: number, id: string) => ({ template: 't', collection: 'c', to: 2, id })
  const results = await runner.run({ expressions: ['{ "cents": $toMinor(price, "EUR") }'], rows, placeOf })
  expect(results).toEqual([{ id: 'a', value: { cents: 110 } }])
})
