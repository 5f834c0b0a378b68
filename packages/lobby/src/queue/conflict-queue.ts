/** The conflict queue over one vault or many: listed from the index, decided one by one or by rule, undone by batch. */
import { generateULID } from '@noy-db/hub/kernel'
import { STATE_VAULT_NAME } from '@noy-db/hub'
import type { LongWork, NoydbApi, VaultApi } from '@noy-db/hub'
import type { RulesOf } from '../invariants/types.ts'
import { openState } from '../state.ts'
import { decideBatch, previewBatch } from './batch.ts'
import { ConflictIndex } from './conflict-index.ts'
import {
  assertDecidable,
  prepareDecision,
  prepareLoaded,
  writeDecisions,
  type PreparedDecision,
} from './decide.ts'
import { loadConflict, type QueueContext } from './queue-context.ts'
import { waysToDecide } from './resolution.ts'
import { repairIndex, type RepairMode, type RepairReport } from './repair-index.ts'
import type {
  BatchPreview,
  ConflictCounts,
  ConflictFilter,
  ConflictOutcome,
  ConflictPage,
  ConflictPreview,
  ConflictRef,
  ConflictView,
  DecideOptions,
  DecisionReceipt,
  DecisionRule,
  QueueUndoReceipt,
  Resolution,
} from './types.ts'
import { undoDecisions } from './undo-batch.ts'

export interface ConflictQueueOptions {
  /** Compared with the index at open; default: every vault this user can open. */
  readonly vaults?: readonly string[]
  /** Declares collections and schemas on each vault that is opened. */
  readonly declare?: (vault: VaultApi) => void
  /** Default `keys`. */
  readonly repair?: RepairMode
  /** Rules and amounts of each vault's records: decisions are judged by them. */
  readonly rules?: RulesOf
}

export async function openConflictQueue(
  db: NoydbApi,
  options: ConflictQueueOptions = {},
): Promise<ConflictQueue> {
  const state = await openState(db)
  const openVault = async (name: string): Promise<VaultApi> => {
    const vault = await db.openVault(name, { create: false })
    options.declare?.(vault)
    return vault
  }
  const context = { db, state, openVault, ...(options.rules !== undefined && { rules: options.rules }) }
  const { repair = 'keys' } = options
  const report =
    repair === 'off' ? NOT_REPAIRED : await repairIndex(context, await vaultNames(db, options), repair)
  const index = new ConflictIndex(db, state)
  await index.load()
  return new ConflictQueue(context, index, report)
}

const NOT_REPAIRED: RepairReport = { added: 0, removed: 0, changed: 0, skipped: [] }

async function vaultNames(db: NoydbApi, { vaults }: ConflictQueueOptions): Promise<readonly string[]> {
  if (vaults !== undefined) return vaults
  const accessible = await db.listAccessibleVaults()
  return accessible.map(({ id }) => id).filter((id) => id !== STATE_VAULT_NAME && !id.startsWith('__noydb_'))
}

export class ConflictQueue {
  /** What opening found to repair. */
  readonly repaired: RepairReport
  readonly #context: QueueContext
  readonly #index: ConflictIndex

  constructor(context: QueueContext, index: ConflictIndex, repaired: RepairReport) {
    this.#context = context
    this.#index = index
    this.repaired = repaired
  }

  /** Stops following changes. */
  close(): void {
    this.#index.close()
  }

  list(
    filter: ConflictFilter = {},
    page: { limit?: number; cursor?: string | null } = {},
  ): Promise<ConflictPage> {
    return this.#index.page(filter, page)
  }

  counts(filter: ConflictFilter = {}): Promise<ConflictCounts> {
    return this.#index.counts(filter)
  }

  async get(ref: ConflictRef): Promise<ConflictView> {
    return (await loadConflict(this.#context, ref)).view
  }

  async preview(ref: ConflictRef, resolution: Resolution): Promise<ConflictPreview> {
    return (await prepareDecision(this.#context, ref, resolution)).preview
  }

  /** What each way to decide would make of the record: one side as a whole, or theirs of one field alone. */
  async outcomes(ref: ConflictRef): Promise<ConflictOutcome[]> {
    const loaded = await loadConflict(this.#context, ref)
    const outcomes: ConflictOutcome[] = []
    for (const resolution of waysToDecide(loaded)) {
      const { preview } = await prepareLoaded(this.#context, loaded, resolution)
      outcomes.push({ resolution, preview })
    }
    return outcomes
  }

  /** Open conflicts of the same record from earlier messages of the same party are closed with it. */
  async decide(ref: ConflictRef, resolution: Resolution, options: DecideOptions): Promise<DecisionReceipt> {
    const prepared = await prepareDecision(this.#context, ref, resolution)
    assertDecidable(prepared, options)
    const batchId = generateULID()
    const batch = {
      batchId,
      command: 'conflicts.decide',
      reason: options.reason ?? options.override?.reason ?? null,
      ...(options.override !== undefined && {
        override: { reason: options.override.reason, named: true },
      }),
    }
    await writeDecisions(this.#context, [prepared, ...(await this.#overtaken(prepared))], batch)
    return { batchId, decided: 1, remaining: await this.#remaining() }
  }

  /** Open rows of an earlier message about the same record: who sent it has sent what is decided here since. */
  async #overtaken({ loaded }: PreparedDecision): Promise<PreparedDecision[]> {
    const { vault, collection, recordId, party, importId } = loaded.view.row
    const open = await this.#index.find({ vault, collection, status: 'open' })
    // Ids of imports are ULIDs: an earlier one is smaller.
    const earlier = open.filter(
      (row) => row.recordId === recordId && row.party === party && party !== null && row.importId < importId,
    )
    return Promise.all(earlier.map((row) => prepareDecision(this.#context, row, { kind: 'close' })))
  }

  async previewMany(filter: ConflictFilter, rule: DecisionRule, work?: LongWork): Promise<BatchPreview> {
    return (await previewBatch(this.#context, await this.#open(filter), rule, work)).preview
  }

  /** @throws LobbyError `BATCH_STALE` when it would decide anything other than the preview with `expectHash` showed */
  async decideMany(
    filter: ConflictFilter,
    rule: DecisionRule,
    options: { reason?: string; expectHash: string },
    work?: LongWork,
  ): Promise<DecisionReceipt> {
    const decided = await decideBatch(this.#context, await this.#open(filter), { rule, ...options }, work)
    return { ...decided, remaining: await this.#remaining() }
  }

  /** @throws DecisionEditedError; then nothing was undone */
  async undo(batchId: string, work?: LongWork): Promise<QueueUndoReceipt> {
    const refs = (await this.#index.find()).filter((row) => row.batchId === batchId)
    const reopened = await undoDecisions(this.#context, batchId, refs, work)
    return { batchId, reopened, remaining: await this.#remaining() }
  }

  /** The batch decided last that stands; null when there is none. */
  async lastBatch(): Promise<string | null> {
    const ids = (await this.#index.find()).flatMap(({ batchId, status }) =>
      batchId === undefined || status === 'recalled' ? [] : [batchId],
    )
    // Batch ids are ULIDs: the greatest is the latest.
    return ids.reduce<string | null>((last, id) => (last === null || id > last ? id : last), null)
  }

  #open(filter: ConflictFilter): Promise<readonly ConflictRef[]> {
    return this.#index.find({ ...filter, status: 'open' })
  }

  async #remaining(): Promise<number> {
    return (await this.#index.find({ status: 'open' })).length
  }
}
