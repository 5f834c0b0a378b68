import { read, utils } from '@e965/xlsx'
import { expect, test } from 'vitest'
import { bundleWorker } from '../../../test/bundle-worker.ts'
import { workbookOf } from './workbook.ts'

test('the bundled worker writes what the source does', async () => {
  const rows = Array.from({ length: 1_200 }, (_, at) => [{ kind: 'number', value: at } as const])
  const table = { name: 's', headings: ['h'], rows }
  const bytes = await workbookOf([table], await bundleWorker('workbook-worker'))
  const found = utils.sheet_to_json(read(bytes).Sheets['s'] ?? {}, { header: 1 })
  expect(found).toEqual([['h'], ...rows.map(([cell]) => [cell?.value])])
  expect(await workbookOf([table])).toHaveLength(bytes.length)
})
