/** Lets calls pass at once, in order, unless one has the store to itself; then they wait until it is done. */
export class ExclusiveQueue {
  #taken = false
  readonly #waiting: Array<() => void> = []

  pass(start: () => void): void {
    if (this.#taken) this.#waiting.push(start)
    else start()
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => {
      this.pass(() => {
        this.#taken = true
        resolve()
      })
    })
    try {
      return await work()
    } finally {
      this.#release()
    }
  }

  #release(): void {
    this.#taken = false
    let started = 0
    for (const start of this.#waiting) {
      if (this.#taken) break
      start()
      started += 1
    }
    this.#waiting.splice(0, started)
  }
}
