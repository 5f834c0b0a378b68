/** What one `Noydb` shares with the vaults it opened. */
import { createHmac, randomBytes, type KeyObject } from 'node:crypto'
import { RecentRows } from '../collection/recent-rows.ts'
import { DEFAULT_KDF, deriveMaster, type SaltRow } from '../crypto/kdf.ts'
import { ValidationError } from '../errors.ts'
import { Emitter } from '../events/emitter.ts'
import { WriteCounter } from '../events/write-queue.ts'
import { WriteHooks } from '../events/write-hooks.ts'
import type { WriteGuard } from '../transaction/guard-point.ts'
import type { NoydbStore } from '../types/store.ts'
import type { KdfParameters } from '../types/vault.ts'

export interface SessionOptions {
  readonly store: NoydbStore
  readonly userId: string
  /** Undefined in plaintext mode. */
  readonly secret: string | undefined
  readonly history: boolean
  readonly audit: boolean
  readonly kdf: KdfParameters | undefined
  readonly clock: (() => number) | undefined
  readonly guards: readonly WriteGuard[]
  readonly recentBytes: number
}

export class Session {
  readonly store: NoydbStore
  readonly userId: string
  readonly encrypted: boolean
  readonly history: boolean
  readonly audit: boolean
  readonly kdf: KdfParameters
  readonly clock: () => number
  readonly guards: readonly WriteGuard[]
  readonly emitter = new Emitter()
  readonly hooks = new WriteHooks()
  readonly queue = new WriteCounter()
  readonly recent: RecentRows
  /** So that no passphrase, nor a plain hash of one, is the key of a map. */
  readonly #memoKey: Buffer
  readonly #masters: Map<string, Promise<KeyObject>>
  readonly #parent: Session | undefined
  readonly #recentBytes: number
  #nowMs = NaN
  #nowText = ''
  #secret: string | undefined
  #closed = false

  constructor(options: SessionOptions, parent?: Session) {
    this.store = options.store
    this.userId = options.userId
    this.encrypted = options.secret !== undefined
    this.history = options.history
    this.audit = options.audit
    this.kdf = options.kdf ?? DEFAULT_KDF
    this.clock = options.clock ?? Date.now
    this.guards = options.guards
    this.recent = new RecentRows(options.recentBytes)
    this.#secret = options.secret
    this.#parent = parent
    this.#recentBytes = options.recentBytes
    this.#memoKey = parent === undefined ? randomBytes(32) : parent.#memoKey
    this.#masters = parent === undefined ? new Map<string, Promise<KeyObject>>() : parent.#masters
  }

  /** The same user over another store; what was derived for one serves both. */
  over(store: NoydbStore, changed: Partial<Pick<SessionOptions, 'history' | 'audit'>>): Session {
    this.assertOpen()
    const { userId, history, audit, kdf, clock, guards } = this
    const own = { userId, history, audit, kdf, clock, guards, recentBytes: this.#recentBytes }
    return new Session({ ...own, ...changed, store, secret: this.#secret }, this)
  }

  get closed(): boolean {
    return this.#closed
  }

  now(): string {
    const ms = this.clock()
    // Many writes fall into one millisecond, and making the text is not cheap.
    if (ms !== this.#nowMs) [this.#nowMs, this.#nowText] = [ms, new Date(ms).toISOString()]
    return this.#nowText
  }

  /** One derivation for each salt, however many vaults share it. */
  master(row: SaltRow): Promise<KeyObject> {
    if (this.#secret === undefined) throw new ValidationError('This session has no secret.')
    return this.masterOf(this.#secret, row)
  }

  /** Of somebody who is granted access: once, into however many vaults. */
  masterOf(secret: string, row: SaltRow): Promise<KeyObject> {
    const { memoryKiB, passes, parallelism } = row.kdf
    const digest = createHmac('sha256', this.#memoKey).update(secret).digest('base64')
    const key = [row.salt, memoryKiB, passes, parallelism, digest].join(' ')
    const known = this.#masters.get(key)
    if (known !== undefined) return known
    const master = deriveMaster(secret, row)
    this.#masters.set(key, master)
    master.catch(() => this.#masters.delete(key)) // a failed derivation may be tried again
    return master
  }

  /** @throws ValidationError after `close()` */
  assertOpen(): void {
    if (this.#closed) throw new ValidationError('This instance is closed.')
  }

  close(): void {
    this.#closed = true
    this.#secret = undefined
    if (this.#parent === undefined) this.#masters.clear()
    this.emitter.clear()
    this.hooks.clear()
  }
}
