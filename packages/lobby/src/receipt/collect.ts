/** The decisions a receipt is about, read from the queue's rows in the vaults themselves. */
import type { LongWork, NoydbApi, VaultApi } from '@noy-db/hub'
import { LobbyError } from '../errors.ts'
import { groupBy } from '../group-by.ts'
import { readImport } from '../import/journal.ts'
import { onlySignal, pace, type Pace } from '../pace.ts'
import { CONFLICTS, conflictKey } from '../queue/conflict-row.ts'
import type { ConflictRow, ConflictSummary } from '../queue/types.ts'
import { readMany } from '../sidecar-rows.ts'
import type { State } from '../state.ts'
import { decisionEntry } from './decision-entry.ts'
import {
  receiptLimits,
  type ReceiptDecision,
  type ReceiptImport,
  type ReceiptScope,
  type ReceiptVault,
} from './format.ts'

export interface Collected {
  readonly decisions: readonly ReceiptDecision[]
  readonly imports: readonly ReceiptImport[]
  readonly vaults: readonly ReceiptVault[]
}

/** @throws LobbyError CONFLICT_NOT_FOUND (batch), IMPORT_NOT_FOUND, EXPORT_LIMIT; what opening a vault throws */
export async function collectDecisions(
  db: NoydbApi,
  state: State,
  scope: ReceiptScope,
  work?: LongWork,
): Promise<Collected> {
  if (scope.kind === 'import') await readImport(state, scope.importId)
  const wanted = (await state.index.list()).filter((row) => row.batchId !== undefined && isWanted(row, scope))
  if (wanted.length > receiptLimits.receiptDecisions)
    throw new LobbyError(
      'EXPORT_LIMIT',
      `A receipt holds at most ${receiptLimits.receiptDecisions} decisions.`,
    )
  const decisions: ReceiptDecision[] = []
  const vaults: ReceiptVault[] = []
  for (const [name, summaries] of groupBy(wanted, ({ vault }) => vault)) {
    const vault = await db.openVault(name, { create: false })
    for (const one of await decisionsIn(vault, summaries, pace(onlySignal(work)))) decisions.push(one)
    vaults.push(await vaultFacts(vault))
    work?.onProgress?.(decisions.length, wanted.length)
  }
  if (scope.kind === 'batch' && decisions.length === 0)
    throw new LobbyError('CONFLICT_NOT_FOUND', `There is no decision ${scope.batchId} that stands.`)
  return {
    decisions: inOrder(decisions),
    imports: await importsOf(state, decisions),
    vaults: vaults.sort((left, right) => (left.vault < right.vault ? -1 : 1)),
  }
}

function isWanted(row: ConflictSummary, scope: ReceiptScope): boolean {
  if (scope.kind === 'batch') return row.batchId === scope.batchId
  if (scope.kind === 'import') return row.importId === scope.importId
  const { vault = row.vault, collection = row.collection } = scope
  return vault === row.vault && collection === row.collection && isWithin(row, scope)
}

/** As instants: a caller may name them in any zone. */
function isWithin(
  { decidedAt = '' }: ConflictSummary,
  { from, until }: Extract<ReceiptScope, { kind: 'queue' }>,
): boolean {
  const at = Date.parse(decidedAt)
  return (from === undefined || at >= Date.parse(from)) && (until === undefined || at < Date.parse(until))
}

async function decisionsIn(
  vault: VaultApi,
  summaries: readonly ConflictSummary[],
  slices: Pace,
): Promise<ReceiptDecision[]> {
  const rows = await readMany(vault.sidecar<ConflictRow>(CONFLICTS), summaries.map(conflictKey), slices)
  const decisions: ReceiptDecision[] = []
  for (const found of rows) {
    await slices.step()
    const entry = found === null ? null : decisionEntry(found.row)
    if (entry !== null) decisions.push(entry)
  }
  return decisions
}

async function vaultFacts(vault: VaultApi): Promise<ReceiptVault> {
  const [newest] = await vault.audit.list({ limit: 1 })
  const audit = newest === undefined ? null : { seq: newest.seq, hash: newest.hash }
  return { vault: vault.name, vaultUlid: await vault.getBundleHandle(), audit }
}

/** A merge outside the journal has an id of its own and no row there. */
async function importsOf(state: State, decisions: readonly ReceiptDecision[]): Promise<ReceiptImport[]> {
  const ids = [...new Set(decisions.map(({ importId }) => importId))].sort()
  const imports: ReceiptImport[] = []
  for (const id of ids) {
    const row = await state.journal.get(id)
    if (row === null) continue
    const { containerSha256, party, senderFingerprint, exchangeId, sequence, fileName } = row
    const { appliedAt, actor, status } = row
    const sender = { party, senderFingerprint, exchangeId, sequence }
    imports.push({ importId: id, containerSha256, ...sender, fileName, appliedAt, actor, status })
  }
  return imports
}

/** Keys are made once each: a sort compares every one of them many times. */
function inOrder(decisions: readonly ReceiptDecision[]): ReceiptDecision[] {
  const keyed = decisions.map((one) => {
    const { decidedAt, vault, collection, recordId, conflictId } = one
    return { one, key: [decidedAt, vault, collection, recordId, conflictId].join('\n') }
  })
  return keyed
    .sort((left, right) => (left.key < right.key ? -1 : Number(left.key > right.key)))
    .map(({ one }) => one)
}
