/** One piece of work at a time, in the order of asking. */
export class Queue {
  #tail: Promise<unknown> = Promise.resolve()

  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(work)
    this.#tail = done.catch(() => undefined) // the caller sees the failure; the next in line does not
    return done
  }
}
