/** For a source that can only be asked as a whole. */
import { jsonEquals } from '@noy-db/hub/kernel'
import type { Reduced } from '../fanout/reduction.ts'
import { sameSkips, type Follower, type Update } from './follower.ts'

export class WholeFollower<V> implements Follower<V> {
  readonly #compute: () => Promise<Reduced<V>>
  #last: Reduced<V> | null = null

  constructor(compute: () => Promise<Reduced<V>>) {
    this.#compute = compute
  }

  async update(): Promise<Update<V>> {
    const last = this.#last
    const now = await this.#compute()
    this.#last = now
    const agree =
      last !== null && jsonEquals(last.value, now.value) && sameSkips(last.skippedVaults, now.skippedVaults)
    return { ...now, changed: !agree }
  }
}
