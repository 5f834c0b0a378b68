/**
 * The deployment log: append-only, each event holding the hash of the one before it, the head moved by compare-and-set in
 * the transaction of the event. The order is `seq`, so a clock that goes back reorders nothing.
 */
import { ConflictError } from '@noy-db/hub'
import type { Transaction } from '@noy-db/hub'
import { generateULID, type Collection, type Noydb, type Query, type Vault } from '@noy-db/hub/kernel'
import { hashJson } from '../../canonical-json.ts'
import { lockFor } from './log-lock.ts'
import type { DeploymentEvent } from './types.ts'

export type NewEvent = Omit<DeploymentEvent, 'id' | 'ts' | 'seq' | 'previous' | 'hash'> & { ts?: number }
export type Append = (event: NewEvent) => void

interface Head {
  readonly seq: number
  readonly hash: string
}

export interface EventLogReport {
  readonly ok: boolean
  readonly entries: number
  /** `seq` of events that are missing, altered or out of the chain. */
  readonly broken: readonly number[]
}

const HEAD = 'head'
/** Other processes append too; each lost race is one attempt. */
const ATTEMPTS = 20
const START: Head = { seq: 0, hash: '0'.repeat(64) }

export class EventLog {
  readonly #db: Noydb
  readonly #vault: Vault
  readonly #events: Collection<DeploymentEvent>
  readonly #heads: Collection<Head>
  #hydration: Promise<Error | null>

  constructor(db: Noydb, vault: Vault) {
    this.#db = db
    this.#vault = vault
    this.#events = vault.collection<DeploymentEvent>('deploymentEvents')
    this.#heads = vault.collection<Head>('deploymentHead')
    this.#hydration = Promise.resolve(null)
  }

  /** Reads the log once. What goes wrong is told by whoever asks for events, so that a damaged log keeps no vault shut. */
  hydrate(): Promise<Error | null> {
    this.#hydration = this.#events.count().then(
      () => null,
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    )
    return this.#hydration
  }

  /** @throws ReadOnlyError, NoAccessError */
  assertMayAppend(): void {
    const { assertMayWrite } = this.#vault._introspectState()
    for (const { name } of [this.#events, this.#heads]) assertMayWrite(name)
  }

  query(): Query<DeploymentEvent> {
    return this.#events.query()
  }

  /** `work` and its events in one transaction, run again from the start when another writer was first. */
  transaction(
    command: string,
    work: (tx: Transaction, append: Append) => Promise<void> | void,
  ): Promise<void> {
    return lockFor(this.#db).run(async () => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await this.#attempt(command, work)
          return
        } catch (error) {
          if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error
        }
      }
    })
  }

  async verify(): Promise<EventLogReport> {
    const all = await this.#events.list()
    const chained = all.filter((event) => event.seq !== undefined)
    const bySeq = new Map(chained.map((event) => [event.seq, event]))
    const head = (await this.#heads.get(HEAD)) ?? START
    const broken: number[] = []
    let previous = START.hash
    for (let seq = 1; seq <= Math.max(head.seq, chained.length); seq += 1) {
      const event = bySeq.get(seq)
      if (event?.previous !== previous || event.hash !== hashOf(event)) broken.push(seq)
      previous = event?.hash ?? previous
    }
    if (previous !== head.hash) broken.push(head.seq)
    return { ok: broken.length === 0, entries: all.length, broken: [...new Set(broken)] }
  }

  async #attempt(
    command: string,
    work: (tx: Transaction, append: Append) => Promise<void> | void,
  ): Promise<void> {
    const stored = await this.#heads.entry(HEAD)
    const start = stored?.record ?? START
    await this.#db.transaction(
      async (tx) => {
        let head = start
        await work(tx, (event) => (head = this.#stage(tx, head, event)))
        if (head === start) return
        tx.put(this.#vault, this.#heads.name, HEAD, head, { expectedVersion: stored?.metadata.version ?? 0 })
      },
      { command },
    )
  }

  #stage(tx: Transaction, head: Head, event: NewEvent): Head {
    const seq = head.seq + 1
    const chained = {
      actor: this.#vault.userId,
      ...event,
      id: generateULID(),
      ts: event.ts ?? Date.now(),
      seq,
      previous: head.hash,
    }
    const hash = hashOf(chained)
    tx.put(this.#vault, this.#events.name, chained.id, { ...chained, hash }, { expectedVersion: 0 })
    return { seq, hash }
  }
}

function hashOf(event: DeploymentEvent): string {
  return hashJson({ ...event, hash: undefined })
}
