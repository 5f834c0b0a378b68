import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { surfaceLimits } from './limits.ts'

test('docs/limits.md states the limits of surfaces', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/limits.md'), 'utf8')
  const stated = [...page.matchAll(/^\| (\w+) \| (\d+) \|/gm)].map(([, name, value]) => [name, Number(value)])
  expect(Object.fromEntries(stated)).toMatchObject(surfaceLimits)
})
