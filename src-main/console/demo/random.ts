/**
 * A repeatable stream of numbers (mulberry32, public domain, by Tommy Ettinger): small, and good enough to make sample
 * data look uneven. Never for keys.
 */
export interface Random {
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  pick<T>(choices: readonly [T, ...T[]] | readonly T[]): T
  /** True in about `percent` of a hundred cases. */
  chance(percent: number): boolean
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  return {
    between,
    pick(choices) {
      const choice = choices[between(0, choices.length - 1)]
      if (choice === undefined) throw new RangeError('There is nothing to pick from.')
      return choice
    },
    chance: (percent) => between(1, 100) <= percent,
  }
}
