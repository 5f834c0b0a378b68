/**
 * Runs the exchanges that are due, one after the other. What it notes is in the state vault: after a restart it knows what
 * failed and when to try again, what was missed is still due, and two runners never do the same surface at the same time.
 */
import { ConflictError } from '@noy-db/hub'
import { generateULID } from '@noy-db/hub/kernel'
import type { StateManagementVault } from '../federation/registry/state-management-vault.ts'
import type { SurfaceRow } from '../federation/registry/types.ts'
import { StateRows, type Stored } from '../state-rows.ts'
import { markSynced } from './agree.ts'
import { cadenceOf, type Cadence, type CadenceOptions, type CadenceRow } from './cadence.ts'
import { SurfaceStore } from './surface-store.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** A runner that was not heard of for so long is dead. */
const LEASE_MS = HOUR
const MESSAGE_CHARS = 500

export interface SurfaceRunnerOptions extends Partial<CadenceOptions> {
  /** Does the exchange. Where it does not note the sync itself (a signed export does), the runner does. */
  readonly exchange: (surface: SurfaceRow, signal: AbortSignal) => Promise<void>
  /** Which of those that are due it does; the others are for somebody else and stay due. Default: all. */
  readonly wants?: (surface: string) => boolean | Promise<boolean>
  /** Milliseconds since the epoch. */
  readonly clock?: () => number
  /** From 0 up to 1, for the jitter. */
  readonly random?: () => number
  /** The pause after a first failure; it doubles with each one. */
  readonly firstBackoffMs?: number
  /**
   * Nobody else can have the workspace open, as one process owns its file: what another runner was at ended with it, and is
   * taken over at once. Default false: after an hour of silence.
   */
  readonly alone?: boolean
}

export interface RunReport {
  readonly surface: string
  /** `busy`: somebody else is at it. `stopped`: told to stop before it was done, which is no failure. */
  readonly outcome: 'done' | 'failed' | 'busy' | 'stopped'
  /** Periods that had passed unused. */
  readonly missed: number
  readonly error?: CadenceRow['lastError']
}

export class SurfaceRunner {
  readonly #state: StateManagementVault
  readonly #store: SurfaceStore
  readonly #rows: StateRows<CadenceRow>
  readonly #options: Required<SurfaceRunnerOptions>
  readonly #owner = generateULID()
  #stopped = new AbortController()
  #timer: NodeJS.Timeout | null = null
  #running: Promise<RunReport[]> | null = null

  constructor(state: StateManagementVault, options: SurfaceRunnerOptions) {
    this.#state = state
    this.#store = new SurfaceStore(state)
    this.#rows = new StateRows(this.#store.vault, 'surfaceCadence')
    this.#options = {
      clock: Date.now,
      random: Math.random,
      firstBackoffMs: MINUTE,
      mostBackoffMs: 6 * HOUR,
      graceMs: HOUR,
      alone: false,
      wants: () => true,
      ...options,
    }
  }

  /** Of every surface, in id order. */
  async status(): Promise<Cadence[]> {
    const now = this.#options.clock()
    const rows = await this.#store.list()
    return Promise.all(
      rows.map(async (row) =>
        cadenceOf(row, (await this.#rows.get(row.id))?.row ?? null, now, this.#options),
      ),
    )
  }

  /** Looks every so often, first at once; does not keep the process alive. */
  start(everyMs: number = MINUTE): void {
    this.stop()
    this.#timer = setInterval(() => this.#quietly(), everyMs)
    this.#timer.unref()
    this.#quietly()
  }

  /** What is under way is told to stop. */
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    this.#stopped.abort()
  }

  /** All that are due now. While a run is under way, its reports. */
  run(): Promise<RunReport[]> {
    if (this.#running !== null) return this.#running
    if (this.#stopped.signal.aborted) this.#stopped = new AbortController()
    this.#running = this.#runAll(this.#stopped.signal).finally(() => {
      this.#running = null
    })
    return this.#running
  }

  #quietly(): void {
    this.run().catch((error: unknown) => console.warn('Surfaces that are due could not be looked up:', error))
  }

  async #runAll(signal: AbortSignal): Promise<RunReport[]> {
    const reports: RunReport[] = []
    for (const { surface, status, missed } of await this.status()) {
      if (status !== 'due' && status !== 'late') continue
      if (signal.aborted) break
      if (!(await this.#options.wants(surface))) continue
      reports.push({ surface, missed, ...(await this.#runOne(surface, signal)) })
    }
    return reports
  }

  async #runOne(id: string, signal: AbortSignal): Promise<Pick<RunReport, 'outcome' | 'error'>> {
    const claimed = await this.#claim(id)
    if (claimed === null) return { outcome: 'busy' }
    try {
      await this.#exchange(await this.#store.get(id), signal)
    } catch (error) {
      if (signal.aborted) return this.#stoppedAt(claimed)
      const noted = errorOf(error)
      await this.#note(claimed, failedRow(claimed.row, noted, this.#options))
      return { outcome: 'failed', error: noted }
    }
    const { surface } = claimed.row
    await this.#note(claimed, { surface, failures: 0, lastAttemptAt: this.#options.clock() })
    return { outcome: 'done' }
  }

  async #stoppedAt(claimed: Stored<CadenceRow>): Promise<Pick<RunReport, 'outcome'>> {
    const { running: _running, ...row } = claimed.row
    await this.#note(claimed, row)
    return { outcome: 'stopped' }
  }

  async #exchange(before: SurfaceRow, signal: AbortSignal): Promise<void> {
    await this.#options.exchange(before, signal)
    const after = await this.#store.get(before.id)
    if (after.lastSyncAt === before.lastSyncAt)
      await markSynced(this.#state, before.id, this.#options.clock())
  }

  /** Null while another runner lives. */
  async #claim(surface: string): Promise<Stored<CadenceRow> | null> {
    const now = this.#options.clock()
    const stored = await this.#rows.get(surface)
    const row = stored?.row ?? { surface, failures: 0 }
    if (row.running !== undefined && this.#isAlive(row.running, now)) return null
    const claimed = { ...row, running: { owner: this.#owner, since: now } }
    const version = stored?.version ?? 0
    try {
      await this.#put(claimed, version)
      return { row: claimed, version: version + 1 }
    } catch (error) {
      if (error instanceof ConflictError) return null
      throw error
    }
  }

  #isAlive({ owner, since }: NonNullable<CadenceRow['running']>, now: number): boolean {
    return (owner === this.#owner || !this.#options.alone) && Math.abs(now - since) < LEASE_MS
  }

  /** Taken over meanwhile: then the other one's note stands. */
  async #note({ version }: Stored<CadenceRow>, row: CadenceRow): Promise<void> {
    try {
      await this.#put(row, version)
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error
    }
  }

  #put(row: CadenceRow, version: number): Promise<void> {
    return this.#store.db.transaction((tx) => this.#rows.put(tx, row.surface, row, version), {
      command: 'surfaces.cadence',
    })
  }
}

/** Half of the pause is by chance, so that many surfaces that failed together do not come back together. */
function failedRow(
  { surface, failures }: CadenceRow,
  lastError: NonNullable<CadenceRow['lastError']>,
  { clock, random, firstBackoffMs, mostBackoffMs }: Required<SurfaceRunnerOptions>,
): CadenceRow {
  const now = clock()
  const whole = Math.min(mostBackoffMs, firstBackoffMs * 2 ** failures)
  const retryAt = now + Math.round(whole * (0.5 + random() / 2))
  return { surface, failures: failures + 1, retryAt, lastAttemptAt: now, lastError }
}

function errorOf(error: unknown): NonNullable<CadenceRow['lastError']> {
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'INTERNAL'
  const message = error instanceof Error ? error.message : String(error)
  return { code, message: message.slice(0, MESSAGE_CHARS) }
}
