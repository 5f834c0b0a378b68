import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { allRows, textSource } from '../fixture-sources.ts'
import { dockLimits } from '../limits.ts'
import { jsonLinesReader } from './reader.ts'

it('gives objects as cells, digits as they are written, and faulty lines by number', async () => {
  const text = [
    '{"id":1,"price":12.10,"address":{"city":"Köln"},"tags":["a"]}',
    '',
    '{"id":2,"id":3}',
    '{"a":{"x":1,"x":2}}',
    '{"__proto__":{}}',
    'nonsense',
    '[1]',
    `${'['.repeat(100)}${']'.repeat(100)}`,
    '{"id":9007199254740993}',
  ].join('\n')
  const rows = await allRows(jsonLinesReader, textSource('x.jsonl', text))
  expect(rows.map(({ place, faults }) => [place, faults[0]?.code])).toEqual([
    [{ line: 1 }, undefined],
    [{ line: 3 }, 'REPEATED_NAME'],
    [{ line: 4 }, 'REPEATED_NAME'],
    [{ line: 5 }, 'REPEATED_NAME'],
    [{ line: 6 }, 'NOT_JSON'],
    [{ line: 7 }, 'NOT_JSON'],
    [{ line: 8 }, 'NOT_JSON'],
    [{ line: 9 }, undefined],
  ])
  expect(rows[0]?.cells).toEqual({ id: 1, price: '12.10', 'address.city': 'Köln', tags: ['a'] })
  expect(rows.at(-1)?.cells).toEqual({ id: '9007199254740993' })
})

it('refuses a line without end, and bytes that are no UTF-8', async () => {
  const endless = textSource('x.jsonl', `{"a":"${'x'.repeat(dockLimits.rowChars)}`)
  await expect(allRows(jsonLinesReader, endless)).rejects.toMatchObject({ code: 'SOURCE_LIMIT' })
  const latin = textSource('x.jsonl', '{"a":"Köln"}', 'latin1')
  await expect(jsonLinesReader.inspect(latin)).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
})

it('docs/limits.md states the limits of the dock', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../../docs/limits.md'), 'utf8')
  const stated = [...page.matchAll(/^\| (\w+) +\| (\d+) +\|/gm)].map(([, name, value]) => [
    name,
    Number(value),
  ])
  expect(Object.fromEntries(stated)).toMatchObject(dockLimits)
})
