/**
 * One answer of main that a screen shows: fetched, refetched after events, never older than the last one asked for.
 * The value stays visible while a newer one is on its way, and beside the error when fetching it again fails.
 */
const settleMs = 60

export class Resource<Value> {
  value = $state.raw<Value>()
  error = $state.raw<unknown>()
  loading = $state(false)
  readonly #load: () => Promise<Value>
  #run = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(load: () => Promise<Value>) {
    this.#load = load
  }

  async fetch(): Promise<void> {
    clearTimeout(this.#timer)
    const run = ++this.#run
    this.loading = true
    try {
      const value = await this.#load()
      if (run !== this.#run) return
      this.value = value
      this.error = undefined
    } catch (error) {
      if (run === this.#run) this.error = error
    } finally {
      if (run === this.#run) this.loading = false
    }
  }

  /** Fetches once the burst of events is over. */
  readonly refetch = (): void => {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.fetch(), settleMs)
  }

  /** Forgets everything; an answer still on its way is dropped. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#run++
    this.value = undefined
    this.error = undefined
    this.loading = false
  }
}
