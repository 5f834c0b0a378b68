/** Something a form asks for: under way or not, and how it failed the last time. Several components use it at once. */
export class Attempt {
  busy = $state(false)
  failure = $state.raw<unknown>()

  /** True when it came through; a failure stays in `failure` until the next attempt. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    this.busy = true
    this.failure = undefined
    try {
      await work()
      return true
    } catch (error) {
      this.failure = error
      return false
    } finally {
      this.busy = false
    }
  }
}
