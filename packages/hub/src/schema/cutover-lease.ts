/**
 * The right to run a cutover: the fence, closed in this session's name for as long as it renews the lease.
 * It is renewed between slices of the work and by no timer, so that it never keeps a process alive.
 */
import { ConflictError, SchemaFenceError } from '../errors.ts'
import { isolateAsync } from '../events/isolate.ts'
import { rollForward } from '../transaction/intent.ts'
import type { FenceState } from '../types/schema.ts'
import type { TxOp } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import { fenceOp, isClosed, readFenceRow, type FenceDocument, type FenceRow } from './fence.ts'

/** Longer than any step between two renewals; a session that died blocks its vault this long. */
const LEASE_MS = 20_000
const ATTEMPTS = 5

export class CutoverLease {
  readonly #core: VaultCore
  /** What an interrupted cutover was about; its rows may be in either shape until it is run to its end. */
  readonly interrupted: string | undefined
  #row: FenceRow
  #complete: FenceRow
  #target: string | undefined

  private constructor(core: VaultCore, row: FenceRow) {
    this.#core = core
    this.#row = this.#complete = row
    this.interrupted = this.#target = row.document.target
  }

  /** @throws SchemaFenceError while another session runs one */
  static async claim(core: VaultCore): Promise<CutoverLease> {
    if (core.store.tx === undefined) await rollForward(core) // the end of an interrupted one may be decided
    for (let attempt = 1; ; attempt += 1) {
      const row = await readFenceRow(core.store, core.name)
      const { leaseUntil } = row.document
      if (isClosed(row.document) && leaseUntil !== undefined && !core.schema.fence.isAbandoned(row.document))
        throw new SchemaFenceError(`Another session runs a schema cutover of ${core.name}.`, leaseUntil)
      const lease = new CutoverLease(core, row)
      try {
        await lease.move('draining')
        return lease
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt === ATTEMPTS) throw error
      }
    }
  }

  /** The generation before the cutover. */
  get generation(): number {
    return this.#row.document.currentSchemaVersion
  }

  /** @throws ConflictError when the lease ran out and somebody took over */
  async move(fenceState: FenceState, target = this.#target): Promise<void> {
    this.#target = target
    const until = this.#core.session.clock() + LEASE_MS
    const document: FenceDocument = {
      currentSchemaVersion: this.generation,
      fenceState,
      owner: this.#core.schema.fence.owner,
      leaseUntil: new Date(until).toISOString(),
      ...(target !== undefined && { target }),
    }
    this.#row = await this.#core.schema.fence.put(document, this.#row)
  }

  /** Cheap while there is time left. */
  async keep(): Promise<void> {
    const { leaseUntil = '', fenceState } = this.#row.document
    const left = Date.parse(leaseUntil) - this.#core.session.clock()
    if (left < LEASE_MS / 2) await this.move(fenceState)
  }

  /** Part of the transaction that ends the cutover, so that whoever comes after a crash can tell what it did. */
  completeOp(records: number): TxOp {
    const generation = this.generation + 1
    const document: FenceDocument = {
      last: { generation, records },
      currentSchemaVersion: generation,
      fenceState: 'complete',
      owner: this.#core.schema.fence.owner,
    }
    const op = fenceOp(this.#core.name, document, this.#row, this.#core.session.now())
    this.#complete = { document, envelope: op.envelope }
    return op
  }

  /** After a failure. True when the cutover is in the store all the same: the answer was lost, not the work. */
  async settle(): Promise<boolean> {
    const { store, name, schema } = this.#core
    if (store.tx === undefined) await rollForward(this.#core) // its last step may be decided and half made
    const row = await readFenceRow(store, name)
    const { owner, currentSchemaVersion } = row.document
    if (owner !== schema.fence.owner) return false // the lease ran out: it is somebody else's by now
    if (currentSchemaVersion > this.generation) return true
    this.#row = row
    await this.reopen()
    return false
  }

  /** Lets writes in again; or, where rows are in either shape, lets the next one finish. */
  async reopen(): Promise<void> {
    const { currentSchemaVersion } = this.#row.document
    const document: FenceDocument =
      this.#target === undefined
        ? { currentSchemaVersion, fenceState: 'normal' }
        : {
            currentSchemaVersion,
            fenceState: 'migrating',
            leaseUntil: this.#core.session.now(),
            target: this.#target,
          }
    this.#row = await this.#core.schema.fence.put(document, this.#row)
  }

  /** The cutover is in the store: this session adopts its generation and says that all is as ever. */
  async finish(): Promise<void> {
    const { fence } = this.#core.schema
    const { currentSchemaVersion } = this.#complete.document
    fence.adopt(this.#complete)
    // `complete` closes nothing, so a failure here costs the word alone.
    await isolateAsync('Opening the schema fence after a cutover', async () => {
      await fence.put({ currentSchemaVersion, fenceState: 'normal' }, this.#complete)
    })
  }
}
