import { beforeEach, expect, test } from 'vitest'
import type { CollectionInfo } from '../../src-shared/ipc/clients.ts'
import { api } from '../lib/api.ts'
import { beginWorkspace, conflicts, type TestCable } from '../testing/cable.ts'
import { blankRecord, RecordDraft } from './record-draft.svelte.ts'

let cable: TestCable
let vaultId: string
let invoices: CollectionInfo

beforeEach(async () => {
  cable = await beginWorkspace(conflicts(0))
  const [client] = await api.clients.list()
  vaultId = client?.vaultId ?? ''
  invoices = (await api.clients.get({ vaultId })).collections.find(({ name }) => name === 'invoices')!
})

const blank = () => new RecordDraft(blankRecord(vaultId, invoices, 'EUR'), 'en-GB')

function type(draft: RecordDraft, path: string, text: string): void {
  draft.type(
    path,
    invoices.fields.find((hint) => hint.path === path)!,
    text,
  )
}

function fillIn(draft: RecordDraft): void {
  type(draft, 'number', '1')
  type(draft, 'customerName', 'Vins et alcools Chevalier')
  type(draft, 'issueDate', '2026-05-03')
  type(draft, 'total', '12.00')
}

test('a new record starts in the currency of its neighbours, under an id of its own', () => {
  const [one, other] = [blank(), blank()]
  expect(one.record).toEqual({ currency: 'EUR', lines: [] })
  expect(one.dirty).toBe(false)
  expect(one.detail.id).toMatch(/^[a-z0-9]{20}$/)
  expect(one.detail.id).not.toBe(other.detail.id)
})

test('saving it asks for version 0, so that nothing can be overwritten', async () => {
  const draft = blank()
  fillIn(draft)
  expect(await draft.save()).toMatchObject({ title: 'Invoice 1', version: 1 })
  expect(cable.asked('clients.saveRecord')).toMatchObject([{ id: draft.detail.id, expectedVersion: 0 }])
  const again = new RecordDraft({ ...blank().detail, id: draft.detail.id }, 'en-GB')
  fillIn(again)
  expect(await again.save()).toBeUndefined()
  expect(again.failure).toMatchObject({ code: 'VERSION_CONFLICT' })
})

test('a fault of a list is said at the list, and gone with the next entry', async () => {
  const { lines: _lines, ...record } = blank().record
  const draft = new RecordDraft({ ...blank().detail, record }, 'en-GB')
  fillIn(draft)
  expect(await draft.save()).toBeUndefined()
  expect(draft.problem('lines')).toMatch(/^Lines /)
  draft.addEntry('lines')
  expect([draft.problem('lines'), draft.hasProblems, draft.record['lines']]).toEqual([
    undefined,
    false,
    [{ lineNo: 1 }],
  ])
})
