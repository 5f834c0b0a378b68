/** The declared merge: plan, apply and persist the queue in one call, over records that are already decrypted. */
import { generateULID } from '@noy-db/hub/kernel'
import { ValidationError } from '@noy-db/hub'
import type { DecryptedRecord, NoydbApi, Transaction, VaultApi } from '@noy-db/hub'
import { createHash } from 'node:crypto'
import { canonicalJson } from '../canonical-json.ts'
import { ImportRefusedRowsError } from '../errors.ts'
import { NO_NOTES } from '../exchange/compartment-notes.ts'
import { assemble, planVault } from '../import/plan.ts'
import { exceptionsOf } from '../import/overrides.ts'
import { readCurrentRows } from '../import/current-rows.ts'
import { writesRecord, writtenBody } from '../import/row-effect.ts'
import type { Body, ImportJournalRow, ImportPlan } from '../import/types.ts'
import { writeImport, type ImportWrites } from '../import/write-import.ts'
import { originOf, writesOf, type RowWrites } from '../import/write-set.ts'
import type { Taken } from '../exchange/exchanged.ts'
import { NO_SENDER } from '../identity/check-sender.ts'
import { pace } from '../pace.ts'
import { queueKey } from '../queue/conflict-id.ts'
import { openState, type State } from '../state.ts'
import { reportOf } from './merge-report.ts'
import { assertStrategies, assertStrictness } from './strategy.ts'
import type { DecryptedMergeOptions, MergeReport } from './types.ts'
import { groupBy } from '../group-by.ts'

const DEFAULT_REASON = 'merge:compartment'
/** Why is not told: the records are named by whoever takes the rest. */
const LEFT_OUT = { code: 'VALIDATION_ERROR', message: 'Left out by name.' } as const

export async function mergeDecryptedRecords(
  receiver: VaultApi,
  decrypted: Record<string, readonly DecryptedRecord[]>,
  opts: DecryptedMergeOptions,
): Promise<MergeReport> {
  return mergeIncoming(receiver, decrypted, opts, { sha256: await hashRecords(decrypted, opts.deletions) })
}

/** Record by record: a body of ten thousand is not hashed in one turn. */
async function hashRecords(
  decrypted: Record<string, readonly DecryptedRecord[]>,
  deletions: DecryptedMergeOptions['deletions'] = [],
): Promise<string> {
  const slices = pace(undefined)
  const hash = createHash('sha256')
  for (const [collection, records] of Object.entries(decrypted)) {
    hash.update(canonicalJson([collection, records.length]))
    for (const record of records) {
      await slices.step()
      hash.update(canonicalJson(record))
    }
  }
  if (deletions.length > 0) hash.update(canonicalJson(deletions))
  return hash.digest('hex')
}

/** What the records came from, for the journal and for bases. */
export interface MergeOrigin {
  readonly sha256: string
  /** Of a signed delivery. */
  readonly delivery?: {
    readonly surface: string
    readonly exchangeId: string
    readonly sequence: number
    /** Messages of ours the sender says it took; null where it does not say. */
    readonly taken: Taken
    /** Records of it that are left out by name. */
    readonly excluded: readonly { readonly collection: string; readonly id: string }[]
  }
}

/** `alongside` stages more writes of the same transaction. */
export async function mergeIncoming(
  receiver: VaultApi,
  decrypted: Record<string, readonly DecryptedRecord[]>,
  opts: DecryptedMergeOptions,
  origin: MergeOrigin,
  alongside?: (tx: Transaction, plan: ImportPlan) => void,
): Promise<MergeReport> {
  assertStrategies(opts.strategy)
  assertStrictness(opts.strictness)
  const db = databaseOf(receiver, opts)
  const state = db === undefined ? null : await openState(db)
  const plan = await planMerge(state, receiver, decrypted, opts, origin)
  const refused = plan.rows.flatMap(({ vault, collection, id, fault }) =>
    fault === undefined ? [] : [{ vault, collection, id, fault }],
  )
  if (refused.length > 0) throw new ImportRefusedRowsError(refused)
  if (opts.dryRun === true) return reportOf(plan, opts, false)
  const exceptions = exceptionsOf(plan, opts, new Set())
  if (db === undefined || state === null) {
    if (exceptions.size > 0)
      throw new ValidationError('An override is noted by an instance; pass it as `db`.')
    await putPlanned(receiver, plan, opts)
    return reportOf(plan, opts, false)
  }
  await applyMerge({ db, state, vault: receiver, plan, exceptions }, opts, origin, alongside)
  return reportOf(plan, opts, true)
}

interface PlannedMerge {
  readonly db: NoydbApi
  readonly state: State
  readonly vault: VaultApi
  readonly plan: ImportPlan
  readonly exceptions: ReturnType<typeof exceptionsOf>
}

/** The declared call names only the vault; the vault may know the instance that opened it. */
function databaseOf(receiver: VaultApi, { db }: DecryptedMergeOptions): NoydbApi | undefined {
  return db ?? receiver.noydb
}

/**
 * For a caller that has nothing but the vault: each collection in one transaction, targets of references first.
 * There is no instance to open a workspace with, so nothing is queued, journaled or undoable.
 */
async function putPlanned(vault: VaultApi, plan: ImportPlan, opts: DecryptedMergeOptions): Promise<void> {
  const reason = opts.reason ?? DEFAULT_REASON
  const writes = plan.rows.filter(writesRecord)
  for (const [name, rows] of groupBy(writes, ({ collection }) => collection)) {
    const versions = plan.expectedVersions[vault.name]?.[name] ?? {}
    const expectedOf = (id: string): number => (Object.hasOwn(versions, id) ? (versions[id] ?? 0) : 0)
    const collection = vault.collection<Body>(name)
    await collection.putMany(
      rows.flatMap((row) => {
        const record = writtenBody(row)
        if (record === null) return []
        const expectedVersion = expectedOf(row.id)
        return [{ id: row.id, record, options: { ...originOf(row), expectedVersion, reason } }]
      }),
      { reason },
    )
    for (const { id, outcome } of rows) {
      if (outcome === 'delete') await collection.delete(id, { reason, expectedVersion: expectedOf(id) })
    }
  }
}

async function planMerge(
  state: State | null,
  vault: VaultApi,
  incoming: Record<string, readonly DecryptedRecord[]>,
  opts: DecryptedMergeOptions,
  { sha256, delivery }: MergeOrigin,
): Promise<ImportPlan> {
  const rules = opts.rules?.(vault.name)
  const merge = {
    vault,
    incoming,
    strategy: opts.strategy,
    party: opts.party ?? null,
    taken: delivery?.taken ?? null,
    queueKey: await queueKey(state),
    ...(opts.strictness !== undefined && { strictness: opts.strictness }),
    ...(opts.fieldAuthority !== undefined && { fieldAuthority: opts.fieldAuthority }),
    ...(opts.projection !== undefined && { projection: opts.projection }),
    ...(opts.deletions !== undefined && { notes: { ...NO_NOTES, deleted: opts.deletions } }),
    ...(rules !== undefined && { rules }),
  }
  const planned = await planVault(merge, { handle: sha256 }, pace(undefined))
  return {
    id: generateULID(),
    hash: '', // never shown to anyone before it is applied, so nothing to tie the two together
    containerSha256: sha256,
    sender: NO_SENDER,
    plannedAt: new Date().toISOString(),
    party: merge.party,
    ...(await assemble([planned], pace(undefined))),
  }
}

async function applyMerge(
  { db, state, vault, plan, exceptions }: PlannedMerge,
  opts: DecryptedMergeOptions,
  origin: MergeOrigin,
  alongside?: (tx: Transaction, plan: ImportPlan) => void,
): Promise<void> {
  const { party = null } = plan
  const at = new Date().toISOString()
  const { exchangeId = origin.sha256, taken = null } = origin.delivery ?? {}
  const note = { importId: plan.id, party, exchangeId, at, taken }
  const slices = pace(undefined)
  const rows: RowWrites[] = []
  for (const row of await readCurrentRows(vault, plan, party, slices)) {
    await slices.step()
    const against = row.row === undefined ? undefined : exceptions.get(row.row)
    rows.push({
      ...writesOf(row, note, opts.projection),
      ...(against !== undefined && { exceptions: against }),
    })
  }
  const reason = opts.reason ?? DEFAULT_REASON
  const writes: ImportWrites = {
    note,
    containerSha256: plan.containerSha256,
    vaults: [{ vault, counts: plan.counts, rows }],
    state,
    journal: journalRow(vault, plan, { opts, origin }, at),
    command: 'merge',
    reason,
  }
  await writeImport(db, writes, { alongside: (tx) => alongside?.(tx, plan) })
}

function journalRow(
  vault: VaultApi,
  plan: ImportPlan,
  { opts, origin }: { readonly opts: DecryptedMergeOptions; readonly origin: MergeOrigin },
  at: string,
): ImportJournalRow {
  const { delivery } = origin
  const took = delivery?.taken ?? null
  return {
    id: plan.id,
    containerSha256: plan.containerSha256,
    planHash: plan.hash,
    party: plan.party ?? null,
    senderFingerprint: null,
    exchangeId: delivery?.exchangeId ?? null,
    sequence: delivery?.sequence ?? null,
    ...(delivery !== undefined && { surface: delivery.surface }),
    fileName: null,
    strategy: opts.strategy,
    vaults: [vault.name],
    counts: plan.counts,
    excluded: (delivery?.excluded ?? []).map((ref) => ({ ...ref, vault: vault.name, fault: LEFT_OUT })),
    actor: vault.userId,
    appliedAt: at,
    status: 'applied',
    handles: [],
    ...(took !== null && { took: [...took] }),
  }
}
