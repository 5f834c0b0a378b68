import { expect, test } from 'vitest'
import type { FieldHint } from '../../src-shared/ipc/common.ts'
import { connectApi } from '../lib/api.ts'
import { MemoryTransport } from '../testing/memory-transport.ts'
import { blankRecord, RecordDraft } from './record-draft.svelte.ts'

const number: FieldHint = { path: 'number', label: 'Number', type: 'text' }
const fields: FieldHint[] = [
  number,
  { path: 'currency', label: 'Currency', type: 'text' },
  { path: 'lines', label: 'Lines', type: 'lines' },
  { path: 'lines.*.lineNo', label: 'No.', type: 'number' },
]
const blank = () => new RecordDraft(blankRecord('v1', { name: 'invoices', fields }, 'EUR'), 'en-GB')

const refusal = (issues: readonly { path: string; message: string }[]) => () => {
  throw Object.assign(new Error(), { code: 'RECORD_INVALID', details: { issues } })
}

test('a new record starts in the currency of its neighbours, under an id of its own', () => {
  const [one, other] = [blank(), blank()]
  expect(one.record).toEqual({ currency: 'EUR', lines: [] })
  expect(one.dirty).toBe(false)
  expect(one.detail.id).toMatch(/^[a-z0-9]{20}$/)
  expect(one.detail.id).not.toBe(other.detail.id)
})

test('saving it asks for version 0, so that nothing can be overwritten', async () => {
  const transport = new MemoryTransport({ 'clients.saveRecord': () => ({ title: 'Invoice 1', version: 1 }) })
  connectApi(transport)
  const draft = blank()
  draft.type('number', number, '1')
  await draft.save()
  expect(transport.named('clients.saveRecord')[0]?.input).toEqual({
    vaultId: 'v1',
    collection: 'invoices',
    id: draft.detail.id,
    record: { currency: 'EUR', lines: [], number: '1' },
    expectedVersion: 0,
  })
})

test('a fault of a list is said at the list, and gone with the next entry', async () => {
  connectApi(
    new MemoryTransport({ 'clients.saveRecord': refusal([{ path: 'lines', message: 'must not be empty' }]) }),
  )
  const draft = blank()
  expect(await draft.save()).toBeUndefined()
  expect(draft.problem('lines')).toBe('Lines must not be empty.')
  draft.addEntry('lines')
  expect([draft.problem('lines'), draft.hasProblems, draft.record['lines']]).toEqual([
    undefined,
    false,
    [{ lineNo: 1 }],
  ])
})
