import { afterAll, expect, test } from 'vitest'
import { TemplateTooNewError, TransformRowsRefusedError } from './errors.ts'
import { compiled, transforming } from './fixture-template.ts'
import { createExpressionRunner } from './runner/runner.ts'
import { transformAllRows, transformRows } from './transform-rows.ts'

const runner = createExpressionRunner()
afterAll(() => runner.close())

const rows = [
  { id: 'a/1', body: { id: 'a/1', title: 'one' } },
  { id: '😀', body: { title: 'two', date: '2026-05-01' } },
]

test.each([
  [1, ['ONE!', 'TWO!']],
  [2, ['one!', 'two!']],
  [3, ['one', 'two']],
])('from version %i only the steps after it run', async (from, titles) => {
  const results = await transformAllRows({ template: compiled(), collection: 'notes', from, rows, runner })
  expect([...results.keys()]).toEqual(['a/1', '😀'])
  expect([...results.values()].map(({ title }) => title)).toEqual(titles)
})

test('a version of the future is refused', async () => {
  const running = transformRows({ template: compiled(), collection: 'notes', from: 4, rows, runner })
  await expect(running).rejects.toThrow(TemplateTooNewError)
})

test('a record keeps its id, whatever its transform says', async () => {
  const template = transforming('{ "id": "another", "title": "t" }')
  const results = await transformAllRows({ template, collection: 'notes', from: 1, rows, runner })
  expect(results.get('a/1')).toEqual({ id: 'a/1', title: 't' })
  expect(results.get('😀')).toEqual({ id: 'another', title: 't' })
})

test('what fails, and what does not fit afterwards, is listed by id; the others are given', async () => {
  const template = transforming(
    'title = "bad" ? $error("Nothing to be done.") : title = "odd" ? { "title": 1, "date": "2026-02-30" } : title = "list" ? [1] : $',
  )
  const mixed = ['good', 'bad', 'odd', 'list'].map((title) => ({ id: title, body: { title } }))
  const request = { template, collection: 'notes', from: 1, rows: mixed, runner }
  const { results, failed } = await transformRows(request)
  expect([...results]).toEqual([['good', { title: 'good' }]])
  expect(failed).toEqual([
    {
      collection: 'notes',
      id: 'bad',
      to: 2,
      message: 'Nothing to be done.',
      position: expect.any(Number) as number,
    },
    { collection: 'notes', id: 'odd', to: 0, message: 'must be text', path: 'title' },
    { collection: 'notes', id: 'list', to: 0, message: 'The result is no record.' },
  ])
  const refused: unknown = await transformAllRows(request).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(TransformRowsRefusedError)
  expect(refused).toMatchObject({ code: 'TRANSFORM_ROWS_REFUSED', total: 3, rows: failed })
})

test('records that no step touches are checked all the same', async () => {
  const { failed } = await transformRows({
    template: compiled(),
    collection: 'notes',
    from: 3,
    rows: [{ id: 'a', body: { title: 'x', date: 'soon' } }],
    runner,
  })
  expect(failed).toMatchObject([{ id: 'a', to: 0, path: 'date' }])
})
