interface Entry {
  readonly start: () => void
  readonly alone: boolean
}

/** Lets calls pass at once, in order, unless one has the store to itself; then they wait until it is done. */
export class ExclusiveQueue {
  #taken = false
  #waiting: Entry[] = []

  /** One that is alone goes on at this moment, or waits. */
  get isTaken(): boolean {
    return this.#taken
  }

  pass(start: () => void): void {
    this.#enter({ start, alone: false })
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => this.#enter({ start, alone: true }))
    try {
      return await work()
    } finally {
      this.#release()
    }
  }

  #enter(entry: Entry): void {
    if (this.#taken) {
      this.#waiting.push(entry)
    } else {
      this.#taken = entry.alone
      entry.start()
    }
  }

  /** Those that waited go on, in order, up to the next that wants to be alone. */
  #release(): void {
    const next = this.#waiting.findIndex(({ alone }) => alone)
    const going = next === -1 ? this.#waiting : this.#waiting.slice(0, next + 1)
    this.#waiting = this.#waiting.slice(going.length)
    this.#taken = next !== -1
    for (const { start } of going) start()
  }
}
