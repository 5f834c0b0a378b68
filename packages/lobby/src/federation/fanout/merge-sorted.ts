/** k sorted runs as one, by a heap over their heads: log k comparisons a row, nothing copied. */

export interface Run<T> {
  /** The row at the front; undefined = the run has ended. */
  readonly head: T | undefined
  /** Moves to the next row; a promise where it has to be read first. */
  next(): Promise<void> | undefined
}

export async function* mergeSorted<T>(
  runs: Iterable<Run<T>>,
  compare: (left: T, right: T) => number,
): AsyncGenerator<T> {
  const heap = new RunHeap(runs, compare)
  for (let run = heap.first; run?.head !== undefined; run = heap.first) {
    yield run.head
    const reading = run.next()
    if (reading !== undefined) await reading
    heap.settleFirst()
  }
}

class RunHeap<T> {
  readonly #runs: Run<T>[]
  readonly #compare: (left: T, right: T) => number

  constructor(runs: Iterable<Run<T>>, compare: (left: T, right: T) => number) {
    this.#compare = compare
    this.#runs = [...runs].filter(({ head }) => head !== undefined)
    for (let at = this.#runs.length >> 1; at >= 0; at -= 1) this.#sink(at)
  }

  get first(): Run<T> | undefined {
    return this.#runs[0]
  }

  /** After the head of the first run changed, or the run ended. */
  settleFirst(): void {
    if (this.#runs[0]?.head === undefined) {
      const last = this.#runs.pop()
      if (last !== undefined && this.#runs.length > 0) this.#runs[0] = last
    }
    this.#sink(0)
  }

  #sink(from: number): void {
    for (let at = from; ;) {
      let least = at
      for (const child of [2 * at + 1, 2 * at + 2]) if (this.#isLess(child, least)) least = child
      if (least === at) return
      const [upper, lower] = [this.#runs[at], this.#runs[least]]
      if (upper === undefined || lower === undefined) return
      this.#runs[at] = lower
      this.#runs[least] = upper
      at = least
    }
  }

  #isLess(left: number, right: number): boolean {
    const [a, b] = [this.#runs[left]?.head, this.#runs[right]?.head]
    if (a === undefined) return false
    return b === undefined || this.#compare(a, b) < 0
  }
}
