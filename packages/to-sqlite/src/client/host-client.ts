/**
 * The caller's side of the port. Calls of one turn of the event loop leave as one message; the answers come as one.
 */
import { errorFromFailure, SqliteStoreError } from '../errors.ts'
import type { CallName, HostCalls, Reply, Request } from '../host/protocol.ts'
import { ExclusiveQueue } from './queue.ts'
import type { ReplyListener, Transport } from './transport.ts'

/** Enough to share a commit well, small enough that building a message stays far below a millisecond. */
const batchCalls = 64

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

export type Call = <K extends CallName>(
  name: K,
  ...args: Parameters<HostCalls[K]>
) => Promise<ReturnType<HostCalls[K]>>

export class HostClient {
  /** Settles when the host can take calls, or says why it cannot. */
  readonly ready: Promise<unknown>
  readonly #transport: Transport
  readonly #waiting = new Map<number, Waiting>()
  readonly #queue = new ExclusiveQueue()
  #outbox: Request[] = []
  #sequence = 0
  #refusal: SqliteStoreError | undefined

  constructor(start: (listener: ReplyListener) => Transport) {
    this.#transport = start((replies) => this.#settle(replies))
    this.ready = new Promise((resolve, reject) => this.#waiting.set(0, { resolve, reject }))
    void this.#transport.ended.then((reason) => {
      this.refuseFrom(new SqliteStoreError('STORE_HOST_FAILED', undefined, { reason }))
    })
  }

  /** One call; waits while another has the store to itself. */
  readonly call: Call = (name, ...args) => {
    if (!this.#queue.isTaken) return this.#send(name, args)
    return new Promise((resolve, reject) => {
      this.#queue.pass(() => void this.#send(name, args).then(resolve, reject))
    })
  }

  /** Several calls that nothing may come between. They use the `call` they are given. */
  alone<T>(work: (call: Call) => Promise<T>): Promise<T> {
    return this.#queue.alone(() => work((name, ...args) => this.#send(name, args)))
  }

  /** Calls from now on, and those still waiting, reject with this error. */
  refuseFrom(error: SqliteStoreError): void {
    this.#refusal ??= error
    for (const { reject } of this.#waiting.values()) reject(this.#refusal)
    this.#waiting.clear()
    this.#transport.setBusy(false)
  }

  /** After the calls before it; later calls are refused. Resolves when the host is gone and the file released. */
  async close(): Promise<void> {
    const refuse = (): void => this.refuseFrom(new SqliteStoreError('STORE_CLOSED'))
    try {
      // At once: the host's end may be noticed right behind its last answer, and is no failure then.
      await this.alone((call) => call('close').then(refuse))
    } finally {
      refuse()
      this.#transport.setBusy(true)
      await this.#transport.ended
    }
  }

  /** Ends a host that has nothing open. */
  async kill(): Promise<void> {
    this.#transport.setBusy(true)
    this.#transport.kill()
    await this.#transport.ended
  }

  #send<K extends CallName>(name: K, args: Parameters<HostCalls[K]>): Promise<ReturnType<HostCalls[K]>> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal)
    return new Promise((resolve, reject) => {
      if (this.#waiting.size === 0) this.#transport.setBusy(true)
      this.#sequence += 1
      this.#waiting.set(this.#sequence, { resolve: resolve as Waiting['resolve'], reject }) // the host's calls have the same types
      this.#outbox.push([this.#sequence, name, args])
      if (this.#outbox.length === 1) queueMicrotask(this.#flush)
      else if (this.#outbox.length === batchCalls) this.#flush()
    })
  }

  readonly #flush = (): void => {
    if (this.#outbox.length === 0) return
    const batch = this.#outbox
    this.#outbox = []
    // After a slice the caller makes the next one.
    this.#transport.post(batch, this.#waiting.size === batch.length && batch[0]?.[1] !== 'txSlice')
  }

  #settle(replies: readonly Reply[]): void {
    for (const [sequence, value, failure] of replies) {
      const waiting = this.#waiting.get(sequence)
      this.#waiting.delete(sequence)
      if (failure === undefined) waiting?.resolve(value)
      else waiting?.reject(errorFromFailure(failure))
    }
    if (this.#waiting.size === 0) this.#transport.setBusy(false)
  }
}
