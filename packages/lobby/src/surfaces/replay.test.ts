/** Whatever two parties do, and however late they hear of each other: with the same files they hold the same agreement. */
import { describe, expect, it } from 'vitest'
import { hashJson } from '../canonical-json.ts'
import type { SurfaceActKind, SurfaceSide, SurfaceTerms } from './agreement-types.ts'
import type { SurfaceAct } from './act-file.ts'
import { otherSide, replay, withAct, type KnownAct, type KnownActs } from './replay.ts'

/** Mulberry32: the same numbers for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const kinds: SurfaceActKind[] = [
  'propose',
  'agree',
  'decline',
  'suspend',
  'resume',
  'narrow',
  'renew',
  'withdraw',
]
const names = ['a', 'b', 'c', 'd']

interface Office {
  readonly side: SurfaceSide
  acts: KnownActs
}

class Exchange {
  readonly #random: () => number
  readonly offices: Record<SurfaceSide, Office> = {
    proposer: { side: 'proposer', acts: { proposer: [], other: [] } },
    other: { side: 'other', acts: { proposer: [], other: [] } },
  }

  constructor(seed: number) {
    this.#random = randomFrom(seed)
  }

  /** Mostly acts that may have an effect, so that something happens; a withdrawal ends it all. */
  act(side: SurfaceSide): void {
    const office = this.offices[side]
    const { state } = replay(office.acts)
    const kind = state === null ? 'propose' : this.#pick(kinds.slice(0, this.#random() < 0.05 ? 8 : 7))
    const content = this.#content(kind, state?.terms ?? this.#terms(), (state?.version ?? 0) + 1)
    const answers = state?.pending?.act
    const number = office.acts[side].length + 1
    const act = {
      act: kind,
      number,
      seen: office.acts[otherSide(side)].length,
      at: new Date(number).toISOString(),
      ...content,
      ...((kind === 'agree' || kind === 'decline') && answers !== undefined && { answers }),
    } as unknown as SurfaceAct // the replay looks at nothing else
    const one: KnownAct = { act, hash: hashJson([side, act]) }
    const after = withAct(office.acts, side, one)
    if (!replay(after).lapsed.has(one.hash)) office.acts = after
  }

  /** The next file the other one has not taken yet. */
  deliver(to: SurfaceSide): boolean {
    const from = otherSide(to)
    const [sender, receiver] = [this.offices[from], this.offices[to]]
    const next = sender.acts[from][receiver.acts[from].length]
    if (next === undefined) return false
    receiver.acts = withAct(receiver.acts, from, next)
    return true
  }

  step(): void {
    const side = this.#random() < 0.5 ? 'proposer' : 'other'
    if (this.#random() < 0.55) this.act(side)
    else this.deliver(side)
  }

  #content(kind: SurfaceActKind, terms: SurfaceTerms, version: number): object {
    if (kind === 'propose') return { version, terms: this.#terms() }
    if (kind === 'renew')
      return { version, terms: { ...terms, expiresAt: Math.floor(this.#random() * 1000) } }
    if (kind !== 'narrow') return {}
    return { version, terms: { ...terms, collections: terms.collections.filter(() => this.#random() < 0.8) } }
  }

  #terms(): SurfaceTerms {
    const collections = names.filter(() => this.#random() < 0.7)
    return { collections, direction: 'bidi', conflictPolicy: { strategy: 'three-way' } }
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)] as T // below the length
  }
}

describe('two parties', () => {
  it('agree in the end, over a thousand histories', () => {
    const seen = { lapsed: 0, versions: 0, ended: 0, suspended: 0 }
    for (let seed = 1; seed <= 1000; seed += 1) {
      const exchange = new Exchange(seed)
      exchange.act('proposer')
      exchange.deliver('other')
      for (let turn = 0; turn < 40; turn += 1) exchange.step()
      while (exchange.deliver('proposer') || exchange.deliver('other'));
      const { proposer, other } = exchange.offices
      const [ours, theirs] = [replay(proposer.acts), replay(other.acts)]
      expect(ours, `seed ${seed}`).toEqual(theirs)
      seen.lapsed += ours.lapsed.size
      seen.versions += ours.state?.version ?? 0
      seen.ended += ours.state?.ending === undefined ? 0 : 1
      seen.suspended += ours.state?.suspendedBy.length ?? 0
    }
    // Histories in which nothing happens would agree as well.
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100)
  })

  it('share, at no time, what one of them has taken away and not given again', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const exchange = new Exchange(seed)
      exchange.act('proposer')
      exchange.deliver('other')
      for (let turn = 0; turn < 40; turn += 1) {
        exchange.step()
        for (const { side, acts } of Object.values(exchange.offices)) assertConsent(acts, side, seed)
      }
    }
  })

  /** Every version in force was proposed by one and answered by the other, or has less than the one before it. */
  function assertConsent(acts: KnownActs, side: SurfaceSide, seed: number): void {
    const { state, lapsed } = replay(acts)
    if (state === null || state.version === 0) return
    const all = [...acts.proposer, ...acts.other].filter(({ hash }) => !lapsed.has(hash))
    const answered = all.flatMap(({ act }) => (act.act === 'agree' ? [act.answers] : []))
    const asked = all.filter(({ hash }) => answered.includes(hash))
    expect(asked.length, `${side} of seed ${seed}`).toBeGreaterThan(0)
    const given = new Set(asked.flatMap(({ act }) => act.terms?.collections ?? []))
    expect(state.terms.collections.every((name) => given.has(name))).toBe(true)
  }
})
