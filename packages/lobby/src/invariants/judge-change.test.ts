/** Rules of the shipped template, on changes of one record. */
import { readFileSync } from 'node:fs'
import { afterAll, expect, it } from 'vitest'
import type { Body } from '../import/types.ts'
import { compileTemplate, parseTemplate } from '../templates/index.ts'
import { createExpressionRunner } from '../templates/runner/runner.ts'
import { judgeChanges } from './judge-change.ts'
import { templateRules } from './template-rules.ts'

const runner = createExpressionRunner()
afterAll(() => runner.close())

const file = new URL('../../../../resources/templates/client-accounting.json', import.meta.url)
const template = compileTemplate(parseTemplate(readFileSync(file)))
const rules = templateRules(template, { runner, closed: async () => new Set(['2026-03']) })

function invoice(issueDate: string, net: number, freight = 0): Body {
  return { issueDate, currency: 'EUR', lines: [], freight, net, total: net }
}

it.each<[string, Body | null, Body | null, string[]]>([
  ['a rule that was kept is broken', invoice('2026-05-01', 0), invoice('2026-05-01', 5), ['lines-sum']],
  ['a new record breaks it', null, invoice('2026-05-01', 5), ['lines-sum']],
  [
    'what was broken before is not held against a change',
    invoice('2026-05-01', 5),
    invoice('2026-05-02', 5),
    [],
  ],
  ['a change puts it right', invoice('2026-05-01', 5), invoice('2026-05-01', 5, 5), []],
  ['in a closed period', invoice('2026-03-01', 0), invoice('2026-03-02', 0), ['period-open']],
  ['into a closed period', invoice('2026-05-01', 0), invoice('2026-03-02', 0), ['period-open']],
  ['out of a closed period', invoice('2026-03-01', 0), invoice('2026-05-02', 0), ['period-open']],
  ['gone from a closed period', invoice('2026-03-01', 0), null, ['period-open']],
  ['gone, with what it broke', invoice('2026-05-01', 5), null, []],
])('%s', async (_, before, after, broken) => {
  const other = { id: 'other', before: null, after: invoice('2026-05-01', 7) }
  const [found, beside] = await judgeChanges(rules, 'invoices', [{ id: 'i', before, after }, other])
  expect(found?.map(({ rule }) => rule)).toEqual(broken)
  expect(found?.map(({ period }) => period)).toEqual(
    broken.map((rule) => (rule === 'period-open' ? '2026-03' : undefined)),
  )
  expect(beside?.map(({ rule }) => rule)).toEqual(['lines-sum'])
})
