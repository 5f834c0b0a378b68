/**
 * The cable between a component test and real services (`src-main/testing`). It has what a cable can have: it can be
 * slow, and it can be cut. It never answers by itself.
 */
export type { InvoiceSeed } from '../../src-main/testing/port.ts'
import type { hostKey, InvoiceSeed, TestHost, WorkspaceSeed } from '../../src-main/testing/port.ts'
import type { InputOf, CallName } from '../../src-shared/ipc/contract.ts'
import type { WireResult } from '../../src-shared/ipc/errors.ts'
import type { Transport, WireCall, WireEvent } from '../../src-shared/ipc/transport.ts'
import { connectApi } from '../lib/api.ts'

const key: typeof hostKey = 'lobbyTestHost'
// Only the setup file of the component tests writes this property, and it writes exactly this shape.
const host = (globalThis as unknown as { [key]: TestHost })[key]

/** Answers kept back, and the ways to let them go. */
interface Held {
  readonly first: () => void
  readonly last: () => void
  readonly rest: () => void
}

export class TestCable implements Transport {
  readonly calls: WireCall[] = []
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #holds = new Map<string, (() => void)[]>()
  readonly #stops: (() => void)[] = []

  async invoke(call: WireCall): Promise<WireResult> {
    this.calls.push(call)
    const answer = host.transport.invoke(call)
    this.#underWay.add(answer)
    const result = await answer.finally(() => this.#underWay.delete(answer))
    const held = this.#holds.get(call.name)
    if (held) await new Promise<void>((resolve) => held.push(resolve))
    return result
  }

  subscribe(listener: (event: WireEvent) => void): () => void {
    const stop = host.transport.subscribe(listener)
    this.#stops.push(stop)
    return stop
  }

  /** Nothing is heard on it any more. */
  cut(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }

  /** What was asked under this name, oldest first. */
  asked<Name extends CallName>(name: Name): InputOf<Name>[] {
    const named = this.calls.filter((call) => call.name === name)
    return named.map(({ input }) => input as InputOf<Name>) // a call of this name carries this input
  }

  /** From now on answers to this call wait to be let go, one by one or all. */
  hold(name: CallName): Held {
    const held: (() => void)[] = []
    this.#holds.set(name, held)
    return {
      first: () => held.shift()?.(),
      last: () => held.pop()?.(),
      rest: () => {
        this.#holds.delete(name)
        for (const go of held.splice(0)) go()
      },
    }
  }

  /** Everything that was asked has been answered by the host, though perhaps held back here. */
  async quiet(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
  }
}

let laid: TestCable | undefined

/** An unlocked workspace that begins as `seed` says, on a cable of its own that the whole window uses. */
export async function beginWorkspace(seed: WorkspaceSeed): Promise<TestCable> {
  laid?.cut()
  await host.begin(seed)
  laid = new TestCable()
  connectApi(laid)
  return laid
}

/** An invoice whose freight and address both offices changed, each in its own way. */
export const changedByBoth: InvoiceSeed = {
  ours: { freight: 3338, shipName: 'Vins & alcools' },
  theirs: { freight: 3438, shipName: 'Vins et alcools Ch.' },
}

export function conflicts(count: number, each: InvoiceSeed = changedByBoth): WorkspaceSeed {
  return { invoices: Array.from({ length: count }, () => each) }
}
