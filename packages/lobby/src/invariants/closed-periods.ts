/**
 * Closed accounting periods of a vault: sidecar `_periods`, one row. The guard stands where every write passes, edits,
 * imports, decisions and undos alike, and asks again under the vault's lock, so that no write slips in while one is closed.
 */
import { RecordLockedError, ValidationError } from '@noy-db/hub'
import type { GuardedWrite, GuardRun, GuardStrategyHandle, NoydbApi, Role, VaultApi } from '@noy-db/hub'
import { EXCEPTIONS, exceptedIn } from './exceptions.ts'

const PERIODS = '_periods'
const ROW = { key: 'closed' }
const PERIOD = /^\d{4}-(0[1-9]|1[0-2])$/

export interface ClosedPeriod {
  readonly by: string
  /** ISO-8601. */
  readonly at: string
  readonly reason?: string
}

type PeriodsRow = Readonly<Record<string, ClosedPeriod>>

/** By period, "2026-05". */
export async function closedPeriods(vault: VaultApi): Promise<ReadonlyMap<string, ClosedPeriod>> {
  const stored = await vault.sidecar<PeriodsRow>(PERIODS).get(ROW)
  return new Map(Object.entries(stored?.row ?? {}))
}

/** @throws ValidationError for what is no month, ConflictError where somebody else changed them meanwhile */
export async function closePeriod(
  db: NoydbApi,
  vault: VaultApi,
  period: string,
  options: { readonly reason?: string } = {},
): Promise<void> {
  if (!PERIOD.test(period)) throw new ValidationError(`"${period}" is no month, as 2026-05 is.`)
  const { reason } = options
  const closed = { by: vault.userId, at: new Date().toISOString(), ...(reason !== undefined && { reason }) }
  await change(db, vault, { command: 'periods.close', ...options }, (row) => ({ ...row, [period]: closed }))
}

export async function reopenPeriod(
  db: NoydbApi,
  vault: VaultApi,
  period: string,
  options: { readonly reason?: string } = {},
): Promise<void> {
  await change(db, vault, { command: 'periods.reopen', ...options }, (row) =>
    Object.fromEntries(Object.entries(row).filter(([one]) => one !== period)),
  )
}

async function change(
  db: NoydbApi,
  vault: VaultApi,
  options: { readonly command: string; readonly reason?: string },
  changed: (row: PeriodsRow) => PeriodsRow,
): Promise<void> {
  const stored = await vault.sidecar<PeriodsRow>(PERIODS).get(ROW)
  const row = changed(stored?.row ?? {})
  await db.transaction((tx) => {
    tx.putSidecar(vault, PERIODS, ROW, row, { expectedVersion: stored?.version ?? 0 })
  }, options)
}

export interface PeriodLockOptions {
  /** Collections with periods, of any vault. */
  readonly collections: Iterable<string>
  /** "2026-05", or null for a record without one. */
  readonly periodOf: (vault: string, collection: string, record: unknown) => string | null
  /** Whether who writes may write against a closed period with a reason; default: owners and admins. */
  readonly mayOverride?: (role: Role, vault: string, period: string) => boolean
}

/** Made before the instance whose writes it watches: `createNoydb({ guardStrategies: lock.guards })`, then `attach`. */
export class PeriodLock {
  readonly guards: readonly GuardStrategyHandle[]
  readonly #options: PeriodLockOptions
  readonly #seen = new WeakMap<GuardRun, Promise<Seen>>()
  #db: NoydbApi | null = null

  constructor(options: PeriodLockOptions) {
    this.#options = options
    this.guards = [...new Set(options.collections)].map((collection) => ({
      __noydb_strategy: 'guard',
      spec: { collection, check: (write: GuardedWrite) => this.#check(write) },
    }))
  }

  attach(db: NoydbApi): void {
    this.#db = db
  }

  async #check(write: GuardedWrite): Promise<void> {
    const { closed, excepted } = await this.#look(write)
    if (closed.size === 0) return
    const { collection, id, role, vault } = write
    const period = await this.#closedPeriodOf(write, closed)
    if (period === null) return
    const { mayOverride = isOwner } = this.#options
    if (excepted.has(`${collection}/${id}`) && mayOverride(role, vault, period)) return
    throw new RecordLockedError(collection, id, `the period ${period} is closed`)
  }

  /** A record leaves a closed period as little as it enters one. */
  async #closedPeriodOf(write: GuardedWrite, closed: ReadonlySet<string>): Promise<string | null> {
    for (const record of [write.record, await write.existing()]) {
      const period = record === null ? null : this.#options.periodOf(write.vault, write.collection, record)
      if (period !== null && closed.has(period)) return period
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
    return {
      closed: new Set((await closedPeriods(vault)).keys()),
      excepted: exceptedIn(run.staged(EXCEPTIONS)),
    }
  }
}

interface Seen {
  readonly closed: ReadonlySet<string>
  readonly excepted: ReadonlySet<string>
}

function isOwner(role: Role): boolean {
  return role === 'owner' || role === 'admin'
}
