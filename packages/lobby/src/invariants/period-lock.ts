/**
 * The guard of closed periods. It stands where every write passes, edits, imports, decisions and undos alike, and asks again
 * under the vault's lock, so that no write slips in while one is closed.
 */
import { ValidationError } from '@noy-db/hub'
import type { GuardedWrite, GuardRun, GuardStrategyHandle, NoydbApi, Role } from '@noy-db/hub'
import { periodBook } from './closed-periods.ts'
import { EXCEPTIONS, exceptedIn } from './exceptions.ts'
import type { PeriodBook } from './period-book.ts'
import { PeriodClosedError } from './period-closed-error.ts'

export interface PeriodLockOptions {
  /** Collections with periods: their names in every vault, or whether one of a vault has them, asked with each write. */
  readonly collections: Iterable<string> | ((vault: string, collection: string) => boolean)
  /** "2026-05", or null for a record without one. */
  readonly periodOf: (vault: string, collection: string, record: unknown) => string | null
  /** Whether who writes may write against a closed period with a reason; default: owners and admins. */
  readonly mayOverride?: (role: Role, vault: string, period: string, collection: string) => boolean
}

/** Made before the instance whose writes it watches: `createNoydb({ guardStrategies: lock.guards })`, then `attach`. */
export class PeriodLock {
  readonly guards: readonly GuardStrategyHandle[]
  readonly #options: PeriodLockOptions
  readonly #seen = new WeakMap<GuardRun, Promise<Seen>>()
  #db: NoydbApi | null = null

  constructor(options: PeriodLockOptions) {
    this.#options = options
    this.guards = this.#specs(options.collections)
  }

  attach(db: NoydbApi): void {
    this.#db = db
  }

  #specs(collections: PeriodLockOptions['collections']): GuardStrategyHandle[] {
    const check = (write: GuardedWrite): Promise<void> => this.#check(write)
    if (typeof collections === 'function') {
      const spec = { collection: 'closed periods', watches: collections, check }
      return [{ __noydb_strategy: 'guard', spec }]
    }
    return [...new Set(collections)].map((collection) => ({
      __noydb_strategy: 'guard',
      spec: { collection, check },
    }))
  }

  async #check(write: GuardedWrite): Promise<void> {
    const { book, excepted } = await this.#look(write)
    if (book.size === 0) return
    const { collection, id, role, vault } = write
    const period = await this.#closedPeriodOf(write, book)
    const closed = period === null ? null : book.closing(period)
    if (period === null || closed === null) return
    const { mayOverride = isOwner } = this.#options
    if (excepted.has(`${collection}/${id}`) && mayOverride(role, vault, period, collection)) return
    throw new PeriodClosedError({ vault, collection, id }, { period, ...closed })
  }

  /** A record leaves a closed period as little as it enters one. */
  async #closedPeriodOf(write: GuardedWrite, book: PeriodBook): Promise<string | null> {
    for (const record of [write.record, await write.existing()]) {
      const period = record === null ? null : this.#options.periodOf(write.vault, write.collection, record)
      if (period !== null && book.has(period)) return period
    }
    return null
  }

  /** Once for all writes that are asked about together. */
  #look({ run, vault }: GuardedWrite): Promise<Seen> {
    const known = this.#seen.get(run)
    if (known !== undefined) return known
    const looking = this.#read(run, vault)
    this.#seen.set(run, looking)
    return looking
  }

  async #read(run: GuardRun, name: string): Promise<Seen> {
    if (this.#db === null) throw new ValidationError('A period lock is attached to its instance first.')
    const vault = await this.#db.openVault(name, { create: false })
    return { book: await periodBook(vault), excepted: exceptedIn(run.staged(EXCEPTIONS)) }
  }
}

interface Seen {
  readonly book: PeriodBook
  readonly excepted: ReadonlySet<string>
}

function isOwner(role: Role): boolean {
  return role === 'owner' || role === 'admin'
}
