/**
 * What a session knows of its vault's fence. Where the store has `tx`, every transaction asserts that the
 * fence is still the one this session saw, so that nothing is read beforehand and no write of another
 * session slips in behind a cutover; elsewhere the fence is read before each write.
 */
import { ConflictError, MigrationRequiredError, SchemaFenceError } from '../errors.ts'
import { generateULID } from '../ids.ts'
import { assertMayWrite } from '../keyring/roles.ts'
import { writeRows } from '../transaction/store-write.ts'
import type { TxOp } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import { fenceOp, isClosed, readFenceRow, sameFenceOp, type FenceDocument, type FenceRow } from './fence.ts'

export class FenceWatch {
  /** This session runs a cutover of this vault: its writes already under way pass, new ones do not. */
  running = false
  /** Names this session in the fence. */
  readonly owner = generateULID()
  readonly #core: VaultCore
  #known: FenceRow | null = null
  #generation = 0

  constructor(core: VaultCore) {
    this.#core = core
  }

  /** The generation this session works under. */
  get generation(): number {
    return this.#generation
  }

  async open(): Promise<void> {
    this.adopt(await readFenceRow(this.#core.store, this.#core.name))
  }

  /** From now on this session works under the generation of `row`. */
  adopt(row: FenceRow): void {
    this.#known = row
    this.#generation = row.document.currentSchemaVersion
  }

  /** The same for the fence this session has written last. */
  adoptKnown(): void {
    if (this.#known !== null) this.adopt(this.#known)
  }

  /** A transaction met something it did not expect; it may have been the fence. */
  doubt(): void {
    this.#known = null
  }

  /** Before a write; a promise only where the fence has to be read. @throws SchemaFenceError, MigrationRequiredError */
  check(): Promise<void> | undefined {
    if (this.running) throw this.#underWay()
    if (this.#core.store.tx === undefined) this.doubt()
    return this.confirm()
  }

  /** Once more when it is about to be written, for a write that `check` let in. */
  confirm(): Promise<void> | undefined {
    const known = this.#known
    if (known === null || isClosed(known.document)) return this.#readAgain()
    this.#assertGeneration(known.document)
    return undefined
  }

  async #readAgain(): Promise<void> {
    const row = await readFenceRow(this.#core.store, this.#core.name)
    this.#known = row
    this.#assertGeneration(row.document)
    if (isClosed(row.document) && !this.#isOwnRun(row.document)) await this.#reopen(row)
  }

  #assertGeneration({ currentSchemaVersion }: FenceDocument): void {
    if (currentSchemaVersion <= this.#generation) return
    throw new MigrationRequiredError(
      `${this.#core.name} moved to schema generation ${currentSchemaVersion} since it was opened; open it anew.`,
    )
  }

  /** For a transaction; fails it when the fence is not as this session saw it. None on a store without `tx`. */
  sameOps(): TxOp[] {
    const { store, name } = this.#core
    return this.#known === null || store.tx === undefined ? [] : [sameFenceOp(store, name, this.#known)]
  }

  /** Replaces the fence in `before`, keeping what it says of the last cutover. @throws ConflictError */
  async put(given: FenceDocument, before: FenceRow): Promise<FenceRow> {
    const { store, name, session } = this.#core
    const { last } = before.document
    const document: FenceDocument = { ...(last !== undefined && { last }), ...given }
    const op = fenceOp(name, document, before, session.now())
    await writeRows(store, [op])
    this.#known = { document, envelope: op.envelope }
    return this.#known
  }

  /** Closed, and whoever closed it answers for it no more. A fence without a lease was closed by no cutover of ours. */
  isAbandoned({ owner, leaseUntil }: FenceDocument): boolean {
    if (owner === this.owner) return true
    return leaseUntil !== undefined && !(Date.parse(leaseUntil) > this.#core.session.clock())
  }

  #isOwnRun({ owner }: FenceDocument): boolean {
    return this.running && owner === this.owner
  }

  /** After a session that died: nothing was rewritten, so the vault is as it was. */
  async #reopen(row: FenceRow): Promise<void> {
    const { currentSchemaVersion, target } = row.document
    if (!this.isAbandoned(row.document)) throw this.#underWay()
    if (target !== undefined)
      throw new MigrationRequiredError(
        `A schema cutover of ${this.#core.name} was interrupted while it rewrote records; run it again.`,
      )
    assertMayWrite(this.#core.keys, null)
    try {
      await this.put({ currentSchemaVersion, fenceState: 'normal' }, row)
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error
      throw this.#underWay() // somebody else has just reopened it, or has closed it again
    }
  }

  #underWay(): SchemaFenceError {
    return new SchemaFenceError(`A schema cutover of ${this.#core.name} is under way; try again afterwards.`)
  }
}
