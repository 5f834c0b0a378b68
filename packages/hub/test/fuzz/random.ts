/** Random numbers that come again for the same seed, and choices made with them. */

export class Random {
  #state: number

  /** The same text gives the same numbers. */
  constructor(seed: string) {
    let hash = 2166136261
    for (const unit of seed) hash = Math.imul(hash ^ (unit.codePointAt(0) ?? 0), 16777619)
    this.#state = hash >>> 0
  }

  /** From 0 up to but not 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let value = this.#state
    value = Math.imul(value ^ (value >>> 15), value | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296
  }

  /** A whole number below `below`, 0 where there is none. */
  int(below: number): number {
    return Math.floor(this.next() * below)
  }

  chance(of: number): boolean {
    return this.next() < of
  }

  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.int(values.length)] ?? values[0]
  }
}
