/** docs/merge-rules.md is the rule: every row of its table is run. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Body } from '../import/types.ts'
import { resolveRecord, type MergeSides } from './resolve-record.ts'
import type { MergeStrategy } from './types.ts'

const EARLY = '2026-03-01T10:00:00.000Z'
const LATE = '2026-03-01T11:00:00.000Z'

const clientOwns = { policy: { a: { authority: 'owner', ownerSource: 'client' } } } as const
const newestSource = { policy: { a: { authority: 'source-newest' } } } as const

/** Caveats that say more than the bodies show. */
const CAVEATS: Record<string, Partial<MergeSides>> = {
  'theirs written later': { oursTime: EARLY, theirsTime: LATE },
  'ours written later': { oursTime: LATE, theirsTime: EARLY },
  'written at the same moment': { oursTime: EARLY, theirsTime: EARLY },
  'the same moment, written with another offset': {
    oursTime: EARLY,
    theirsTime: '2026-03-01T12:00:00+02:00',
  },
  'theirs states no readable time': { oursTime: EARLY, theirsTime: 'yesterday' },
  'ours states no readable time': { theirsTime: EARLY },
  'the client owns `a`, the client sends': { ...clientOwns, provenance: { incomingSource: 'client' } },
  'the client owns `a`, the bank sends': { ...clientOwns, provenance: { incomingSource: 'bank' } },
  'newest source for `a`, theirs later': {
    ...newestSource,
    provenance: { incomingSourceTs: LATE, localSourceTs: EARLY },
  },
  'newest source for `a`, theirs the same moment': {
    ...newestSource,
    provenance: { incomingSourceTs: '2026-03-01T12:00:00+02:00', localSourceTs: EARLY },
  },
  'narrowed to some fields': { narrowed: true },
  'strictness `record`': { strictness: 'record' },
  'strictness `ask`': { strictness: 'ask' },
  'newest source for `a`, theirs without a time': { ...newestSource, provenance: { localSourceTs: EARLY } },
}

interface Rule {
  readonly title: string
  readonly sides: MergeSides
  readonly outcome: string
  readonly result: string | null
}

function code(cell: string): string | null {
  return /^`(.*)`$/.exec(cell)?.[1] ?? null
}

function body(cell: string): Body | null {
  const text = code(cell)
  return text === null ? null : (JSON.parse(text) as Body)
}

function rules(): Rule[] {
  const text = readFileSync(new URL('../../../../docs/merge-rules.md', import.meta.url), 'utf8')
  const rows = text.split('\n').filter((line) => line.startsWith('| `'))
  return rows.map((line) => {
    const [strategy = '', base = '', ours = '', theirs = '', caveat = '', outcome = '', result = ''] = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim())
    const sides = {
      collection: 'rows',
      strategy: code(strategy) as MergeStrategy,
      base: body(base),
      ours: body(ours),
      theirs: body(theirs),
      ...(Object.hasOwn(CAVEATS, caveat) && CAVEATS[caveat]),
    }
    return { title: [strategy, base, ours, theirs, caveat].join(' '), sides, outcome, result: code(result) }
  })
}

describe('merge rules', () => {
  it('has a row for every strategy', () => {
    expect(new Set(rules().map(({ sides }) => sides.strategy)).size).toBe(7)
  })

  it('names only caveats that are met', () => {
    const used = new Set(
      rules().flatMap(({ title }) => Object.keys(CAVEATS).filter((caveat) => title.endsWith(caveat))),
    )
    expect(used.size).toBe(Object.keys(CAVEATS).length)
  })

  it.each(rules())('$title -> $outcome', ({ sides, outcome, result }) => {
    const resolved = resolveRecord(sides)
    expect(resolved.outcome).toBe(outcome)
    if (outcome === 'queue') return expect(resolved.overlaps?.join(', ')).toBe(result)
    const writes = !['keep', 'equal', 'delete'].includes(outcome)
    const written = writes ? (resolved.result ?? sides.theirs) : null
    expect(written).toEqual(result === null ? null : JSON.parse(result))
  })
})
