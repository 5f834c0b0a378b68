/** The declared merge: plan, apply and persist the queue in one call, over records that are already decrypted. */
import { generateULID } from '@noy-db/hub/kernel'
import type { DecryptedRecord, NoydbApi, Transaction, VaultApi } from '@noy-db/hub'
import { createHash } from 'node:crypto'
import { canonicalJson } from '../canonical-json.ts'
import { ImportRefusedRowsError } from '../errors.ts'
import { assemble, planVault } from '../import/plan.ts'
import { readCurrentRows } from '../import/current-rows.ts'
import { writesRecord, writtenBody } from '../import/row-effect.ts'
import type { Body, ImportJournalRow, ImportPlan } from '../import/types.ts'
import { writeImport, type ImportWrites } from '../import/write-import.ts'
import { originOf, writesOf, type RowWrites } from '../import/write-set.ts'
import { NO_SENDER } from '../identity/check-sender.ts'
import { pace } from '../pace.ts'
import { queueKey } from '../queue/conflict-id.ts'
import { openState, type State } from '../state.ts'
import { reportOf } from './merge-report.ts'
import { assertStrategies, assertStrictness } from './strategy.ts'
import type { DecryptedMergeOptions, MergeReport } from './types.ts'
import { groupBy } from '../group-by.ts'

const DEFAULT_REASON = 'merge:compartment'

export async function mergeDecryptedRecords(
  receiver: VaultApi,
  decrypted: Record<string, readonly DecryptedRecord[]>,
  opts: DecryptedMergeOptions,
): Promise<MergeReport> {
  return mergeIncoming(receiver, decrypted, opts, await hashRecords(decrypted))
}

/** Record by record: a body of ten thousand is not hashed in one turn. */
async function hashRecords(decrypted: Record<string, readonly DecryptedRecord[]>): Promise<string> {
  const slices = pace(undefined)
  const hash = createHash('sha256')
  for (const [collection, records] of Object.entries(decrypted)) {
    hash.update(canonicalJson([collection, records.length]))
    for (const record of records) {
      await slices.step()
      hash.update(canonicalJson(record))
    }
  }
  return hash.digest('hex')
}

/** `originSha256` names what the records came from, for the journal; `alongside` stages more writes of the same transaction. */
export async function mergeIncoming(
  receiver: VaultApi,
  decrypted: Record<string, readonly DecryptedRecord[]>,
  opts: DecryptedMergeOptions,
  originSha256: string,
  alongside?: (tx: Transaction, plan: ImportPlan) => void,
): Promise<MergeReport> {
  assertStrategies(opts.strategy)
  assertStrictness(opts.strictness)
  const db = databaseOf(receiver, opts)
  const state = db === undefined ? null : await openState(db)
  const plan = await planMerge(state, receiver, decrypted, opts, originSha256)
  const refused = plan.rows.flatMap(({ vault, collection, id, fault }) =>
    fault === undefined ? [] : [{ vault, collection, id, fault }],
  )
  if (refused.length > 0) throw new ImportRefusedRowsError(refused)
  if (opts.dryRun === true) return reportOf(plan, opts, false)
  if (db === undefined || state === null) {
    await putPlanned(receiver, plan, opts)
    return reportOf(plan, opts, false)
  }
  await applyMerge(db, state, receiver, plan, opts, alongside)
  return reportOf(plan, opts, true)
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
    await vault.collection<Body>(name).putMany(
      rows.flatMap((row) => {
        const record = writtenBody(row)
        if (record === null) return [] // deletions come with bundles only
        const expectedVersion = Object.hasOwn(versions, row.id) ? (versions[row.id] ?? 0) : 0
        return [{ id: row.id, record, options: { ...originOf(row), expectedVersion, reason } }]
      }),
      { reason },
    )
  }
}

async function planMerge(
  state: State | null,
  vault: VaultApi,
  incoming: Record<string, readonly DecryptedRecord[]>,
  opts: DecryptedMergeOptions,
  originSha256: string,
): Promise<ImportPlan> {
  const merge = {
    vault,
    incoming,
    strategy: opts.strategy,
    party: opts.party ?? null,
    queueKey: await queueKey(state),
    ...(opts.strictness !== undefined && { strictness: opts.strictness }),
    ...(opts.fieldAuthority !== undefined && { fieldAuthority: opts.fieldAuthority }),
    ...(opts.projection !== undefined && { projection: opts.projection }),
  }
  const planned = await planVault(merge, { handle: originSha256 }, pace(undefined))
  return {
    id: generateULID(),
    hash: '', // never shown to anyone before it is applied, so nothing to tie the two together
    containerSha256: originSha256,
    sender: NO_SENDER,
    plannedAt: new Date().toISOString(),
    party: merge.party,
    ...(await assemble([planned], pace(undefined))),
  }
}

async function applyMerge(
  db: NoydbApi,
  state: State,
  vault: VaultApi,
  plan: ImportPlan,
  opts: DecryptedMergeOptions,
  alongside?: (tx: Transaction, plan: ImportPlan) => void,
): Promise<void> {
  const { party = null } = plan
  const at = new Date().toISOString()
  const note = { importId: plan.id, party, exchangeId: plan.containerSha256, at, taken: null }
  const slices = pace(undefined)
  const rows: RowWrites[] = []
  for (const row of await readCurrentRows(vault, plan, party, slices)) {
    await slices.step()
    rows.push(writesOf(row, note, opts.projection))
  }
  const reason = opts.reason ?? DEFAULT_REASON
  const writes: ImportWrites = {
    note,
    containerSha256: plan.containerSha256,
    vaults: [{ vault, counts: plan.counts, rows }],
    state,
    journal: journalRow(plan, vault, opts, at),
    command: 'merge',
    reason,
  }
  await writeImport(db, writes, { alongside: (tx) => alongside?.(tx, plan) })
}

function journalRow(
  plan: ImportPlan,
  vault: VaultApi,
  opts: DecryptedMergeOptions,
  at: string,
): ImportJournalRow {
  return {
    id: plan.id,
    containerSha256: plan.containerSha256,
    planHash: plan.hash,
    party: plan.party ?? null,
    senderFingerprint: null,
    exchangeId: null,
    sequence: null,
    fileName: null,
    strategy: opts.strategy,
    vaults: [vault.name],
    counts: plan.counts,
    excluded: [],
    actor: vault.userId,
    appliedAt: at,
    status: 'applied',
    handles: [],
  }
}
