import { beforeEach, describe, expect, it } from 'vitest'
import { SliceDraft } from './slice-draft.svelte.ts'

const offered = [
  {
    name: 'invoices',
    label: 'Invoices',
    fields: [
      { name: 'number', label: 'Number' },
      { name: 'notes', label: 'Notes' },
    ],
  },
  { name: 'contacts', label: 'Contacts', fields: [{ name: 'company', label: 'Company' }] },
]

let draft: SliceDraft

beforeEach(() => {
  draft = new SliceDraft()
})

describe('SliceDraft', () => {
  it('lets nothing leave that nobody chose', () => {
    draft.offer(offered)
    expect(draft.slice).toBeNull()
    draft.choose('contacts', [])
    expect(draft.slice).toBeNull()
  })

  it('names a collection as a whole only while all its fields go along, in the order they are offered', () => {
    draft.offer(offered)
    draft.toggle('invoices', 'notes', true)
    expect(draft.slice).toEqual([{ name: 'invoices', fields: ['notes'] }])
    draft.toggle('invoices', 'number', true)
    expect(draft.slice).toEqual([{ name: 'invoices', fields: null }])
    draft.toggle('invoices', 'notes', false)
    expect(draft.slice).toEqual([{ name: 'invoices', fields: ['number'] }])
  })

  it('starts from everything where something is to be taken away, and from nothing when offered anew', () => {
    draft.offer(offered, true)
    expect(draft.slice).toEqual([
      { name: 'invoices', fields: null },
      { name: 'contacts', fields: null },
    ])
    draft.choose('invoices', [])
    expect(draft.slice).toEqual([{ name: 'contacts', fields: null }])
    draft.offer(offered)
    expect(draft.slice).toBeNull()
  })

  it('never names a field that is not offered', () => {
    draft.offer(offered)
    draft.choose('contacts', ['company', 'iban'])
    expect(draft.slice).toEqual([{ name: 'contacts', fields: null }])
  })
})
