/** The draft is a pure model: what it reads is written down here, in the shape main sends it. */
import { describe, expect, test } from 'vitest'
import type { ConflictDetailView, ConflictFieldView } from '../../src-shared/ipc/conflicts.ts'
import { ConflictDraft } from './conflict-draft.svelte.ts'

function field(
  path: string,
  sides: readonly [unknown, unknown, unknown],
  more: Partial<ConflictFieldView> = {},
): ConflictFieldView {
  const [base, ours, theirs] = sides
  const hint = { path, label: path.charAt(0).toUpperCase() + path.slice(1), type: 'text' } as const
  const changed = { ours: base !== ours, theirs: base !== theirs }
  const changedBy =
    ours === theirs ? 'none' : changed.ours && changed.theirs ? 'both' : changed.ours ? 'ours' : 'theirs'
  return { path, hint, base, ours, theirs, changedBy, ...more }
}

const freight = field('freight', [3238, 3338, 3438], {
  hint: { path: 'freight', label: 'Freight', type: 'money', currencyPath: 'currency' },
})
const shipName = field('shipName', ['Vins et alcools', 'Vins & alcools', 'Vins et alcools Ch.'], {
  hint: { path: 'shipName', label: 'Ship to', type: 'text' },
})
const notes = field('notes', ['', 'called', ''])
const number = field('number', ['10248', '10248', '10248'])

function detail(more: Partial<ConflictDetailView> = {}): ConflictDetailView {
  const fields = more.fields ?? [freight, shipName, number]
  const side = (name: 'base' | 'ours' | 'theirs') =>
    Object.fromEntries(fields.map((one) => [one.path, one[name]]))
  return {
    vault: 'V1',
    collection: 'invoices',
    conflictId: 'C1',
    recordId: '10248',
    vaultName: 'Vins et alcools Chevalier',
    title: 'Invoice 10248',
    kind: 'edited-by-both',
    status: 'open',
    queuedAt: '2026-05-09T10:12:00Z',
    party: 'bookkeeper',
    batchId: null,
    baseKnown: true,
    baseAt: '2026-05-03T08:00:00Z',
    oursOrigin: { by: 'reviewer', at: '2026-05-09T10:12:00Z', source: null, version: 3 },
    theirsOrigin: { by: 'bookkeeper', at: '2026-05-08T17:40:00Z', source: 'desk-2', version: 2 },
    explanation: 'Both sides changed the freight since 3 May.',
    moved: false,
    currency: 'EUR',
    base: side('base'),
    ours: side('ours'),
    theirs: side('theirs'),
    rowVersion: 1,
    recordVersion: 3,
    decision: null,
    ...more,
    fields,
  }
}

const draftOf = (more = {}): ConflictDraft => new ConflictDraft(detail(more), () => ({ locale: 'en-GB' }))

describe('before the person picks', () => {
  test('nothing is picked where both sides changed', () => {
    const draft = draftOf()
    expect(draft.open).toEqual(['freight', 'shipName'])
    expect([draft.ready, draft.touched, draft.resolution, draft.soFar]).toEqual([false, false, null, null])
  })

  test('a field one side changed is suggested for that side, and still marked so', () => {
    const draft = draftOf({ fields: [freight, notes] })
    expect(draft.pickOf('notes')).toEqual({ pick: 'ours', suggested: true })
    expect(draft.open).toEqual(['freight'])
    expect(draft.touched).toBe(false)
  })
})

describe('resolution', () => {
  test.each(['ours', 'theirs', 'base'] as const)('every field from %s is that side as a whole', (side) => {
    const draft = draftOf()
    draft.pickAll(side)
    expect(draft.resolution).toEqual({ kind: side })
  })

  test('picking each field from one side is the same as taking it whole', () => {
    const draft = draftOf()
    draft.pickField('freight', 'theirs')
    expect(draft.soFar).toEqual({ kind: 'fields', picks: { freight: { pick: 'theirs' } } })
    draft.pickField('shipName', 'theirs')
    expect(draft.resolution).toEqual({ kind: 'theirs' })
  })

  test('mixed sides are named field by field, suggestions included', () => {
    const draft = draftOf({ fields: [freight, notes, number] })
    draft.pickField('freight', 'theirs')
    expect(draft.resolution).toEqual({
      kind: 'fields',
      picks: { freight: { pick: 'theirs' }, notes: { pick: 'ours' } },
    })
  })

  test('the whole base is not sent where it would undo what both sides changed alike', () => {
    const draft = draftOf({ fields: [freight, field('status', ['sent', 'paid', 'paid'])] })
    draft.pickAll('base')
    expect(draft.resolution).toEqual({ kind: 'fields', picks: { freight: { pick: 'base' } } })
  })

  test('no base, no third choice', () => {
    const draft = draftOf({ base: null, baseKnown: false })
    draft.pickAll('base')
    draft.pickField('freight', 'base')
    expect(draft.open).toEqual(['freight', 'shipName'])
  })

  test('nothing differs any more: the record stays', () => {
    expect(draftOf({ fields: [number] }).resolution).toEqual({ kind: 'ours' })
  })

  test('a decided conflict shows its picks and yields nothing', () => {
    const resolution = { kind: 'fields' as const, picks: { freight: { pick: 'custom' as const, value: 1 } } }
    const decision = { resolution, result: {}, reason: null, actor: 'me', decidedAt: '', batchId: 'B' }
    const draft = draftOf({ status: 'decided', decision })
    expect(draft.resultOf(freight)).toEqual({ open: false, value: 1 })
    expect(draft.resolution).toBeNull()
  })
})

describe('an own value', () => {
  test('is parsed, counted as picked, and sent as a value', () => {
    const draft = draftOf({ fields: [freight] })
    expect(draft.typeField('freight', '40.00')).toEqual({ ok: true, value: 4000 })
    expect(draft.resolution).toEqual({ kind: 'fields', picks: { freight: { pick: 'custom', value: 4000 } } })
  })

  test('that is wrong keeps its text and lets the field wait', () => {
    const draft = draftOf({ fields: [freight] })
    draft.typeField('freight', '40,0,0')
    expect(draft.pickOf('freight')).toMatchObject({ text: '40,0,0', parsed: { ok: false } })
    expect([draft.open, draft.ready]).toEqual([['freight'], false])
    expect(draft.resultOf(freight)).toEqual({ open: true, value: '40,0,0' })
  })

  test('can be set on a field that is equal on both sides', () => {
    const draft = draftOf({ fields: [freight, number] })
    draft.pickField('freight', 'ours')
    draft.typeField('number', '10248-A')
    expect(draft.resolution).toEqual({
      kind: 'fields',
      picks: { freight: { pick: 'ours' }, number: { pick: 'custom', value: '10248-A' } },
    })
  })

  test('is taken back to the suggestion, or to nothing', () => {
    const draft = draftOf({ fields: [freight, notes] })
    draft.typeField('freight', '40')
    draft.typeField('notes', 'x')
    draft.clearField('freight')
    draft.clearField('notes')
    expect(draft.open).toEqual(['freight'])
    expect(draft.pickOf('notes')).toEqual({ pick: 'ours', suggested: true })
  })
})

describe('deleted on one side', () => {
  test('waits for a choice, and never suggests one', () => {
    const draft = draftOf({ kind: 'deleted-there', theirs: null, fields: [freight, notes] })
    expect([draft.open, draft.picks.size]).toEqual([[''], 0])
    draft.pickField('freight', 'theirs')
    expect(draft.resolution).toEqual({ kind: 'delete' })
    draft.pickAll('ours')
    expect(draft.resolution).toEqual({ kind: 'ours' })
  })

  test('bringing the record back is the side that has it', () => {
    const draft = draftOf({ kind: 'deleted-here', ours: null })
    draft.pickAll('theirs')
    expect(draft.resolution).toEqual({ kind: 'theirs' })
  })
})

describe('rebase', () => {
  test('picks stay while the picked value is the same, the others are open again', () => {
    const draft = draftOf()
    draft.pickField('freight', 'ours')
    draft.pickField('shipName', 'theirs')
    draft.rebase(detail({ fields: [{ ...freight, ours: 1 }, shipName], moved: true, recordVersion: 4 }))
    expect(draft.open).toEqual(['freight'])
    expect(draft.rebased).toEqual({ kept: 1, dropped: 1 })
  })

  test('own values and the reason stay; reading the same again is no news', () => {
    const draft = draftOf()
    draft.typeField('freight', '40')
    draft.reason = 'by phone'
    draft.rebase(detail())
    expect(draft.rebased).toBeNull()
    draft.rebase(detail({ fields: [{ ...freight, theirs: 1 }, shipName], rowVersion: 2 }))
    expect(draft.pickOf('freight')).toMatchObject({ pick: 'custom', text: '40' })
    expect(draft.reason).toBe('by phone')
  })
})

test('against a deletion only the edits of the other side count as different', () => {
  const gone = { ...freight, ours: null, theirs: 3438, changedBy: 'both' as const }
  const same = { ...number, ours: null, changedBy: 'ours' as const }
  const draft = draftOf({ kind: 'deleted-here', ours: null, fields: [gone, same] })
  expect(draft.differing.map(({ path }) => path)).toEqual(['freight'])
})
