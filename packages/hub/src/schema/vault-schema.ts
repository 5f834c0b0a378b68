/** The schemas of one vault: what is being compared, which collections wait for a cutover, and the cutover itself. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { SchemaFenceError } from '../errors.ts'
import { Mutex } from '../transaction/mutex.ts'
import type { CutoverOptions, CutoverResult } from '../types/schema.ts'
import type { CollectionState, VaultCore } from '../vault/vault-core.ts'
import { compareSchema, type PendingCutover, type SchemaOutcome } from './compare.ts'
import { runCutover } from './cutover.ts'
import { FenceWatch } from './fence-watch.ts'

export class VaultSchema {
  readonly fence: FenceWatch
  readonly #core: VaultCore
  readonly #comparing = new Map<string, Promise<void>>()
  readonly #outcomes = new Map<string, SchemaOutcome>()
  readonly #cutovers = new Mutex()

  constructor(core: VaultCore) {
    this.#core = core
    this.fence = new FenceWatch(core)
  }

  /** Starts the comparison with the stored schema in a later turn. It never fails: what goes wrong is warned about. */
  declared({ name, options }: CollectionState): void {
    if (options.persistJsonSchema !== true || options.schema === undefined) return
    this.#comparing.set(
      name,
      nextTurn().then(() => this.#compare(name)),
    )
  }

  /** Before a write. @throws SchemaFenceError, MigrationRequiredError, or what a strategy rejects with */
  async check(collections: Iterable<string>): Promise<void> {
    const asked = [...collections]
    if (this.#comparing.size > 0) for (const name of asked) await this.#comparing.get(name)
    const reading = this.fence.check()
    if (reading !== undefined) await reading
    this.#assertTakesWrites(asked)
  }

  /** Once more under the vault's lock, for a write that `check` let in. A promise only where something has to be read. */
  confirm(collections: Iterable<string>): Promise<void> | undefined {
    const reading = this.fence.confirm()
    if (reading !== undefined) return reading.then(() => this.#assertTakesWrites(collections))
    this.#assertTakesWrites(collections)
    return undefined
  }

  /** Every comparison started so far. */
  async drain(): Promise<void> {
    await Promise.all(this.#comparing.values())
  }

  /** The same, and those that failed once more: a cutover that knows nothing of a collection would leave it behind. @throws what it meets */
  async finishComparing(): Promise<void> {
    await this.drain()
    for (const name of this.#comparing.keys()) {
      if (this.#outcomes.has(name)) continue
      this.#outcomes.set(name, await compareSchema(this.#core, name, this.#core.stateOf(name).options))
    }
  }

  pending(): PendingCutover[] {
    return [...this.#outcomes.values()].flatMap((outcome) =>
      outcome.kind === 'cutover' ? [outcome.cutover] : [],
    )
  }

  /** Another session ran a cutover since this one looked: what is declared here is compared with what it left. */
  async compareAgain(): Promise<void> {
    for (const name of this.#comparing.keys()) await this.#compare(name)
  }

  settled(collection: string): void {
    this.#outcomes.set(collection, { kind: 'open' })
  }

  /** One at a time; a second call finds what the first has left. */
  runCutover(options: CutoverOptions): Promise<CutoverResult> {
    return this.#cutovers.run(() => runCutover(this.#core, options))
  }

  async #compare(name: string): Promise<void> {
    try {
      const { options } = this.#core.stateOf(name)
      this.#outcomes.set(name, await compareSchema(this.#core, name, options))
    } catch (error) {
      if (this.#core.session.closed) return // its keys went with it
      console.warn(
        `The schema of ${this.#core.name}/${name} could not be compared with the stored one:`,
        error,
      )
    }
  }

  #assertTakesWrites(collections: Iterable<string>): void {
    if (this.#outcomes.size === 0) return
    for (const name of collections) {
      const outcome = this.#outcomes.get(name)
      if (outcome?.kind === 'blocked') throw outcome.error
      if (outcome?.kind === 'cutover')
        throw new SchemaFenceError(
          `${this.#core.name}/${name} waits for a schema cutover (runSchemaCutover).`,
        )
    }
  }
}
