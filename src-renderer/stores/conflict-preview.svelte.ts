/** What the decision would write, asked from the code that writes it; late answers to older questions are dropped. */
import type { ConflictPreviewView, ConflictRefView, ResolutionView } from '../../src-shared/ipc/conflicts.ts'

type Ask = (input: { ref: ConflictRefView; resolution: ResolutionView }) => Promise<ConflictPreviewView>

export class ConflictPreview {
  answer: ConflictPreviewView | null = $state.raw(null)
  pending = $state(false)
  failed = $state(false)
  #turn = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Rules the result would break, past those that are only noted. */
  readonly against = $derived((this.answer?.broken ?? []).filter(({ enforce }) => enforce !== 'note'))
  /** One of them holds whatever anybody says. */
  readonly never = $derived(this.against.some(({ enforce }) => enforce === 'refuse'))
  readonly #ask: Ask
  readonly #wait: number

  constructor(ask: Ask, wait = 100) {
    this.#ask = ask
    this.#wait = wait
  }

  /** @param resolution null: nothing is picked, there is nothing to show. */
  ask(ref: ConflictRefView, resolution: ResolutionView | null): void {
    this.clear()
    if (!resolution) return
    this.pending = true
    const turn = this.#turn
    this.#timer = setTimeout(() => void this.#run(turn, ref, resolution), this.#wait)
  }

  clear(): void {
    clearTimeout(this.#timer)
    this.#turn += 1
    this.answer = null
    this.pending = false
    this.failed = false
  }

  async #run(turn: number, ref: ConflictRefView, resolution: ResolutionView): Promise<void> {
    const answer = await this.#ask({ ref, resolution }).catch(() => null)
    if (turn !== this.#turn) return
    this.answer = answer
    this.failed = answer === null
    this.pending = false
  }
}
