/**
 * The right to run a campaign of a group: one row, renewed by whoever holds it. Every step a runner records renews it by
 * compare-and-set in the same transaction, so a runner that was taken over cannot record anything: what keeps two apart is
 * the version of the row. The clock only decides how soon a silent runner may be taken over.
 */
import { ConflictError, generateULID, type Transaction } from '@noy-db/hub'
import { Mutex } from '@noy-db/hub/kernel'
import { LobbyError } from '../errors.ts'
import type { CampaignStore } from './campaign-store.ts'
import { LeaseRows } from './lease-row.ts'
import type { LeaseRow } from './types.ts'

export interface LeaseOptions {
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** A runner that has not been heard of for so long may be taken over. */
  readonly leaseMs: number
}

type Stage = (tx: Transaction) => void

export class Lease {
  /** Aborted when somebody else has taken over. */
  readonly lost = new AbortController()
  readonly #rows: LeaseRows
  readonly #options: LeaseOptions
  readonly #group: string
  readonly #queue = new Mutex()
  readonly #timer: NodeJS.Timeout
  #row: LeaseRow
  #version: number

  private constructor(rows: LeaseRows, options: LeaseOptions, group: string, row: LeaseRow, version: number) {
    this.#rows = rows
    this.#options = options
    this.#group = group
    this.#row = row
    this.#version = version
    this.#timer = setInterval(() => void this.#beat(), Math.max(1, options.leaseMs / 3))
    this.#timer.unref() // a silent runner is no reason for a process to stay
  }

  /** @throws LobbyError CAMPAIGN_BUSY while another runner lives */
  static async claim(
    { db, vault }: CampaignStore,
    group: string,
    campaign: string,
    options: LeaseOptions,
  ): Promise<Lease> {
    const stored = await LeaseRows.read(vault, group)
    if (stored !== null && isAlive(stored.row, options)) throw busy(stored.row)
    const rows = new LeaseRows(db, vault)
    const version = stored?.version ?? 0
    const row = { owner: generateULID(), user: rows.user, campaign, heartbeatAt: options.clock() }
    try {
      await rows.transaction('campaigns.claim', (tx) => rows.put(tx, group, row, version))
      return new Lease(rows, options, group, row, version + 1)
    } catch (error) {
      rows.close()
      if (!(error instanceof ConflictError)) throw error
      throw busy((await LeaseRows.read(vault, group))?.row ?? row)
    }
  }

  /** One step, and a sign of life with it. @throws LobbyError CAMPAIGN_TAKEN_OVER, ConflictError for a row of `work` */
  record(command: string, work: (tx: Transaction) => Promise<void> | void): Promise<void> {
    return this.alongside((stage) =>
      this.#rows.transaction(command, async (tx) => {
        stage(tx)
        await work(tx)
      }),
    )
  }

  /** A transaction of somebody else's, which has to stage the lease as well. */
  alongside<T>(run: (stage: Stage) => Promise<T>): Promise<T> {
    return this.#renew((next, version) => run((tx) => this.#rows.put(tx, this.#group, next, version)))
  }

  async release(): Promise<void> {
    clearInterval(this.#timer)
    try {
      if (this.lost.signal.aborted) return
      await this.#queue.run(() =>
        this.#rows.transaction('campaigns.release', (tx) =>
          this.#rows.put(tx, this.#group, { ...this.#next(), released: true }, this.#version),
        ),
      )
    } finally {
      this.#rows.close()
    }
  }

  #renew<T>(write: (next: LeaseRow, version: number) => Promise<T>): Promise<T> {
    return this.#queue.run(async () => {
      this.lost.signal.throwIfAborted()
      const next = this.#next()
      try {
        const result = await write(next, this.#version)
        this.#row = next
        this.#version += 1
        return result
      } catch (error) {
        if (error instanceof ConflictError) await this.#assertHeld()
        throw error
      }
    })
  }

  #next(): LeaseRow {
    return { ...this.#row, heartbeatAt: this.#options.clock() }
  }

  /** A lost race is about the lease, or about a row of the work. */
  async #assertHeld(): Promise<void> {
    const now = await this.#rows.read(this.#group)
    if (now?.row.owner === this.#row.owner) return
    const message = `The campaign was taken over by ${now?.row.user ?? 'another runner'}.`
    this.lost.abort(new LobbyError('CAMPAIGN_TAKEN_OVER', message))
    this.lost.signal.throwIfAborted()
  }

  async #beat(): Promise<void> {
    try {
      await this.#renew((next, version) => this.#rows.beat(this.#group, next, version))
    } catch (error) {
      if (!this.lost.signal.aborted) console.warn('A campaign could not say that it is alive:', error)
    }
  }
}

/** A heartbeat from the future says that the clock went back; else nobody could take over until it has caught up. */
export function isAlive({ heartbeatAt, released }: LeaseRow, { clock, leaseMs }: LeaseOptions): boolean {
  return released !== true && Math.abs(clock() - heartbeatAt) <= leaseMs
}

function busy({ user, heartbeatAt }: LeaseRow): LobbyError {
  const since = new Date(heartbeatAt).toISOString()
  return new LobbyError('CAMPAIGN_BUSY', `A campaign of this group is run by ${user}, heard of at ${since}.`)
}
