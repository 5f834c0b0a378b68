/** docs/surfaces.md, section 3, line by line. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SurfaceActKind, SurfaceSide, SurfaceTerms } from './agreement-types.ts'
import { otherSide } from './replay.ts'
import { move, situationOf, type SurfaceMove, type SurfaceState } from './transitions.ts'

const page = readFileSync(join(import.meta.dirname, '../../../../docs/surfaces.md'), 'utf8')

function readTable(): { kinds: string[]; rows: Array<{ situation: string; cells: string[] }> } {
  const section = page.slice(page.indexOf('## 3.'), page.indexOf('## 4.'))
  const lines = section.split('\n').filter((line) => line.startsWith('| '))
  const cells = lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  const [head = [], _rule, ...rows] = cells
  return {
    kinds: head.slice(1),
    rows: rows.map(([situation = '', ...rest]) => ({ situation, cells: rest })),
  }
}

const terms: SurfaceTerms = {
  collections: ['contacts', 'orders'],
  fields: { contacts: ['email', 'name'] },
  direction: 'push',
  conflictPolicy: { strategy: 'three-way' },
  expiresAt: 5_000,
}
const contents: Partial<Record<SurfaceActKind, Partial<SurfaceMove>>> = {
  propose: { terms: { ...terms, collections: ['contacts', 'orders', 'payments'] } },
  renew: { terms: { ...terms, expiresAt: 9_000 } },
  narrow: { terms: { ...terms, collections: ['contacts'] } },
}

function act(kind: SurfaceActKind, by: SurfaceSide): SurfaceMove {
  return { kind, by, at: 1, act: `${kind} of ${by}`, ...contents[kind] }
}

function after(state: SurfaceState | null, ...moves: SurfaceMove[]): SurfaceState {
  const end = moves.reduce<SurfaceState | null>((before, made) => {
    const next = move(before, made)
    if (typeof next === 'string') throw new Error(`${made.kind}: ${next}`)
    return next
  }, state)
  if (end === null) throw new Error('nothing')
  return end
}

const proposed = after(null, { kind: 'propose', by: 'proposer', at: 1, terms })
const agreed = after(proposed, act('agree', 'other'))

/** Ways to get there, for the one that will act. */
const paths: Record<string, (side: SurfaceSide) => SurfaceState | null | undefined> = {
  nothing: (side) => (side === 'proposer' ? null : undefined),
  'proposed by itself': (side) => (side === 'proposer' ? proposed : undefined),
  'proposed by the other': (side) => (side === 'other' ? proposed : undefined),
  agreed: () => agreed,
  'suspended by itself': (side) => after(agreed, act('suspend', side)),
  'suspended by the other': (side) => after(agreed, act('suspend', otherSide(side))),
  'suspended by both': () => after(agreed, act('suspend', 'proposer'), act('suspend', 'other')),
  'asked by itself': (side) => after(agreed, act('propose', side)),
  'asked by the other': (side) => after(agreed, act('propose', otherSide(side))),
  ended: (side) => after(agreed, act('withdraw', side)),
}

function wordFor(state: SurfaceState, side: SurfaceSide): string {
  const situation = situationOf(state, side)
  if (situation !== 'agreed' || state.suspendedBy.length === 0) return situation
  if (state.suspendedBy.length === 2) return 'suspended by both'
  return state.suspendedBy.includes(side) ? 'suspended by itself' : 'suspended by the other'
}

describe('a question that has a time to be answered', () => {
  const asking = { ...act('renew', 'proposer'), answerBy: 10 }
  const question = after(agreed, asking)
  const again = (at: number, by: SurfaceSide): SurfaceMove => ({ ...act('renew', by), act: 'again', at })

  it.each(['proposer', 'other'] as const)('stands in the way of another of the %s until then', (by) => {
    expect(move(question, again(10, by))).toBe('SURFACE_ASKED')
    expect(after(question, again(11, by)).pending).toMatchObject({ by, act: 'again' })
  })

  it('is no longer answered once another was asked', () => {
    const late = after(question, again(11, 'proposer'))
    const answer = { ...act('agree', 'other'), answers: asking.act ?? '', at: 9 }
    expect(move(late, answer)).toBe('SURFACE_VERSION_OLD')
  })
})

const table = readTable()
const clauses = table.rows.flatMap(({ situation, cells }) =>
  cells.map((outcome, at) => ({ situation, kind: table.kinds[at] as SurfaceActKind, outcome })),
)

describe('the table of acts', () => {
  it('has every situation and every act', () => {
    expect(table.rows.map(({ situation }) => situation)).toEqual(Object.keys(paths))
    expect(clauses).toHaveLength(80)
  })

  it.each(clauses)('$situation: $kind', ({ situation, kind, outcome }) => {
    const tried = (['proposer', 'other'] as const).flatMap((side) => {
      const before = paths[situation]?.(side)
      return before === undefined ? [] : [{ side, before, next: move(before, act(kind, side)) }]
    })
    expect(tried.length).toBeGreaterThan(0)
    for (const { side, next } of tried) {
      expect(typeof next === 'string' ? next : wordFor(next, side)).toBe(outcome)
    }
  })
})

describe('beside the table', () => {
  it('what is asked changes nothing until it is agreed on, and then makes the next version', () => {
    const asked = after(agreed, act('propose', 'other'))
    expect([asked.version, asked.terms]).toEqual([1, terms])
    const wider = after(asked, act('agree', 'proposer'))
    expect([wider.version, wider.terms.collections]).toEqual([2, ['contacts', 'orders', 'payments']])
    const declined = after(asked, act('decline', 'proposer'))
    expect([declined.version, declined.terms]).toEqual([1, terms])
  })

  it('an answer is for what was asked, in time', () => {
    const asked = after(agreed, { ...act('propose', 'other'), answerBy: 100 })
    const answer = { kind: 'agree', by: 'proposer', at: 100 } as const
    expect(move(asked, { ...answer, answers: 'something else' })).toBe('SURFACE_VERSION_OLD')
    expect(move(asked, { ...answer, answers: 'propose of other', at: 101 })).toBe('SURFACE_EXPIRED')
    expect(move(asked, { ...answer, answers: 'propose of other' })).toMatchObject({ version: 2 })
    expect(move(asked, { ...answer, kind: 'decline', answers: 'x' })).toBe('SURFACE_VERSION_OLD')
  })

  it('what is made for an older version is refused', () => {
    const second = after(agreed, act('narrow', 'other'))
    expect(move(second, { ...act('propose', 'proposer'), version: 2 })).toBe('SURFACE_VERSION_OLD')
    expect(move(null, { ...act('propose', 'proposer'), version: 2 })).toBe('SURFACE_VERSION_OLD')
  })

  it('narrowing takes away on either side and adds nothing; a renewal changes the end alone', () => {
    const fewer = { ...terms, fields: { contacts: ['email', 'tax'] }, expiresAt: 4_000 }
    const mine = after(agreed, { ...act('narrow', 'proposer'), terms: fewer })
    expect(mine.terms).toEqual({ ...terms, fields: { contacts: ['email'] }, expiresAt: 4_000 })
    const both = after(mine, act('narrow', 'other'))
    expect(both).toMatchObject({
      version: 3,
      terms: { collections: ['contacts'], fields: { contacts: ['email'] } },
    })
    expect(move(both, act('narrow', 'other'))).toBe('SURFACE_NOT_NARROWER')
    expect(move(agreed, { ...act('renew', 'other'), terms: fewer })).toBe('SURFACE_INVALID')
  })
})
