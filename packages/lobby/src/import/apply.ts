/** Applies a plan as it was shown: refuses one that was altered, that has refused rows, or that the vaults left behind. */
import { ConflictError, RecordLockedError, RefIntegrityError, ValidationError } from '@noy-db/hub'
import type { LongWork, NoydbApi, Transaction, VaultApi } from '@noy-db/hub'
import { ImportRefusedRowsError, LobbyError, PlanStaleError } from '../errors.ts'
import { messageOf, takenWithout, type Taken } from '../exchange/exchanged.ts'
import { onlySignal, pace, type Pace } from '../pace.ts'
import { openState, type State } from '../state.ts'
import { assertSenderTaken, senderWrite, type SenderWrite } from './accept-sender.ts'
import { countOutcomes, countsWithout } from './counts.ts'
import { hasMoved, readCurrentRows, type CurrentRow } from './current-rows.ts'
import { assertNotImported } from './journal.ts'
import { hashPlan } from './plan-hash.ts'
import { exceptionsOf } from './overrides.ts'
import { originOf } from './plan-origin.ts'
import { leftOutBy } from './plan-rows.ts'
import type {
  ImportDecisions,
  ImportJournalRow,
  ImportPlan,
  ImportReceipt,
  ImportRow,
  RowRef,
} from './types.ts'
import { writeImport, type ImportWrites, type VaultWrites } from './write-import.ts'
import { writesOf, type ImportNote, type RowWrites } from './write-set.ts'

/**
 * @throws LobbyError `PLAN_TAMPERED`, `ROWS_REFUSED`, `RULES_BROKEN`, `PLAN_STALE`, `ALREADY_IMPORTED`, `SENDER_KEY_CHANGED`,
 * `SEQUENCE_REFUSED`; in each case nothing was written
 */
export async function applyImport(
  db: NoydbApi,
  plan: ImportPlan,
  decisions: ImportDecisions = {},
  work: ApplyWork = {},
): Promise<ImportReceipt> {
  const { state, excluded, exceptions } = await checkApplicable(db, plan, decisions, work)
  await work.prepare?.()
  const current = await readCurrent(db, plan, work)
  await refuseMoved(plan, current, work)
  const writes = await collectWrites(state, plan, decisions, { current, excluded, exceptions }, work)
  try {
    await writeImport(db, writes, work)
  } catch (error) {
    throw await explain(error, db, plan, work)
  }
  return receiptOf(plan, writes)
}

export interface ApplyWork extends LongWork {
  /** Runs once everything is known to be in order and before the vaults are opened: they may be made here. */
  readonly prepare?: () => Promise<void>
  /** Stages more writes of the same transaction. */
  readonly alongside?: (tx: Transaction) => void
}

/** What can be refused without looking at a record. */
async function checkApplicable(db: NoydbApi, plan: ImportPlan, decisions: ImportDecisions, work: LongWork) {
  if ((await hashPlan(plan, work)) !== plan.hash) {
    throw new LobbyError('PLAN_TAMPERED', 'The plan is not the one that was made; plan the import again.')
  }
  const excluded = excludedRows(plan, decisions)
  const exceptions = exceptionsOf(plan, decisions, excluded.rows)
  const state = await openState(db)
  await assertNotImported(state, plan.containerSha256, handlesOf(plan))
  await assertSenderTaken(state, plan, decisions)
  return { state, excluded, exceptions }
}

function handlesOf(plan: ImportPlan): string[] {
  return plan.perVault.map(({ handle }) => handle)
}

interface Excluded {
  readonly rows: ReadonlySet<ImportRow>
  readonly listed: ImportReceipt['excluded']
}

function excludedRows(plan: ImportPlan, { exclude = [] }: ImportDecisions): Excluded {
  const byName = new Map(exclude.length === 0 ? [] : plan.rows.map((row) => [refText(row), row]))
  const named = exclude.map((ref) => {
    const row = byName.get(refText(ref))
    if (row === undefined)
      throw new ValidationError(`The plan has no row ${ref.collection}/${ref.id} to exclude.`)
    return row
  })
  const rows = new Set(named)
  const open = plan.rows.filter((row) => row.outcome === 'refuse' && !rows.has(row))
  if (open.length > 0) throw new ImportRefusedRowsError(open.map(refused))
  return { rows, listed: [...rows].map(refused) }
}

/** A row may be left out that only the transaction refused: a guard's answer is not known while planning. */
function refused({ vault, collection, id, fault }: ImportRow): ImportReceipt['excluded'][number] {
  return {
    vault,
    collection,
    id,
    fault: fault ?? { code: 'VALIDATION_ERROR', message: 'Left out by choice.' },
  }
}

function refText({ vault, collection, id }: RowRef): string {
  return JSON.stringify([vault, collection, id])
}

interface CurrentVault {
  readonly vault: VaultApi
  readonly rows: readonly CurrentRow[]
}

async function readCurrent(db: NoydbApi, plan: ImportPlan, work?: LongWork): Promise<CurrentVault[]> {
  const slices = pace(onlySignal(work))
  const current: CurrentVault[] = []
  for (const { vault: name } of plan.perVault) {
    const vault = await db.openVault(name, { create: false })
    originOf(plan)?.declare?.(vault)
    current.push({ vault, rows: await readCurrentRows(vault, plan, plan.party ?? null, slices) })
  }
  return current
}

async function refuseMoved(
  plan: ImportPlan,
  current: readonly CurrentVault[],
  work?: LongWork,
): Promise<void> {
  const moved = current.flatMap(({ rows }) => rows.filter(hasMoved).map(({ ref }) => ref))
  if (moved.length > 0) throw new PlanStaleError(moved, await replan(plan, work))
}

async function replan(plan: ImportPlan, work?: LongWork): Promise<ImportPlan | null> {
  return (await originOf(plan)?.again(work)) ?? null
}

/** What the transaction refused, in the words of an import. */
async function explain(error: unknown, db: NoydbApi, plan: ImportPlan, work?: LongWork): Promise<unknown> {
  if (error instanceof ConflictError) {
    const current = await readCurrent(db, plan, work)
    const moved = current.flatMap(({ rows }) => rows.filter(hasMoved).map(({ ref }) => ref))
    return new PlanStaleError(moved, await replan(plan, work))
  }
  if (!(error instanceof RecordLockedError || error instanceof RefIntegrityError)) return error
  const { collection, id, message } = error
  const code = error instanceof RecordLockedError ? 'RECORD_LOCKED' : 'REF_INTEGRITY'
  // The error names no vault: where several vaults bring such a record, all of them are named.
  const rows = plan.rows.filter((row) => row.collection === collection && row.id === id)
  if (rows.length === 0) return error
  return new ImportRefusedRowsError(
    rows.map(({ vault }) => ({ vault, collection, id, fault: { code, message } })),
    { cause: error },
  )
}

interface Collected {
  readonly current: readonly CurrentVault[]
  readonly excluded: Excluded
  readonly exceptions: Exceptions
}

type Exceptions = ReturnType<typeof exceptionsOf>

async function collectWrites(
  state: State,
  plan: ImportPlan,
  decisions: ImportDecisions,
  { current, excluded, exceptions }: Collected,
  work?: LongWork,
): Promise<ImportWrites & { readonly journal: ImportJournalRow }> {
  const at = new Date().toISOString()
  const note: ImportNote = {
    importId: plan.id,
    party: plan.party ?? null,
    // A base needs an exchange to name; an unsigned bundle from a party named by hand goes by its hash.
    exchangeId: plan.sender.exchangeId ?? plan.containerSha256,
    at,
    taken: plan.taken === undefined || plan.taken === null ? null : new Set(plan.taken),
    ...messageOf(plan.senderBlock),
  }
  const slices = pace(onlySignal(work))
  const vaults: VaultWrites[] = []
  for (const one of current)
    vaults.push(await vaultWrites(plan, one, { note, excluded: excluded.rows, exceptions }, slices))
  const sender = await senderWrite(state, plan, at)
  const reason = decisions.reason ?? `import:${plan.id}`
  const journal = journalRow(plan, decisions, { actor: state.vault.userId, at, excluded, sender })
  return {
    note,
    containerSha256: plan.containerSha256,
    vaults,
    state,
    journal,
    ...(sender !== undefined && { sender }),
    command: 'imports.apply',
    reason,
  }
}

interface Applied {
  readonly actor: string
  readonly at: string
  readonly excluded: Excluded
  readonly sender: SenderWrite | undefined
}

function journalRow(
  plan: ImportPlan,
  decisions: ImportDecisions,
  { actor, at, excluded, sender }: Applied,
): ImportJournalRow {
  return {
    id: plan.id,
    containerSha256: plan.containerSha256,
    planHash: plan.hash,
    party: plan.party ?? null,
    senderFingerprint: plan.sender.fingerprint,
    exchangeId: plan.sender.exchangeId,
    sequence: plan.sender.sequence,
    fileName: plan.fileName ?? null,
    strategy: plan.perVault[0]?.strategy ?? 'manual-queue',
    vaults: plan.perVault.map(({ vault }) => vault),
    counts: countsWithout(plan.counts, [...excluded.rows]),
    excluded: excluded.listed,
    actor,
    appliedAt: at,
    status: 'applied',
    handles: handlesOf(plan),
    ...(sender !== undefined && { senderBefore: sender.before }),
    ...tookOf(plan),
    ...(decisions.reason !== undefined && { reason: decisions.reason }),
  }
}

function tookOf({ taken, perVault }: ImportPlan): Pick<ImportJournalRow, 'took' | 'leftOut'> {
  if (taken === undefined || taken === null) return {}
  const leftOut = perVault.flatMap((one) =>
    one.leftOut === undefined ? [] : [[one.vault, one.leftOut] as const],
  )
  return { took: taken, ...(leftOut.length > 0 && { leftOut: Object.fromEntries(leftOut) }) }
}

interface VaultNote {
  readonly note: ImportNote
  readonly excluded: ReadonlySet<ImportRow>
  readonly exceptions: Exceptions
}

async function vaultWrites(
  plan: ImportPlan,
  { vault, rows }: CurrentVault,
  { note, excluded, exceptions }: VaultNote,
  slices: Pace,
): Promise<VaultWrites> {
  const of = plan.perVault.find((one) => one.vault === vault.name)
  const excludedHere = [...excluded].filter((row) => row.vault === vault.name)
  const taken = rows.filter(({ row }) => row === undefined || !excluded.has(row))
  const leftOut = leftOutBy(of?.leftOut ?? [])
  const takenOf = ({ ref }: CurrentRow): Taken =>
    takenWithout(note.taken, leftOut.get(`${ref.collection}/${ref.id}`))
  const writes: RowWrites[] = []
  for (const row of taken) {
    await slices.step()
    const against = row.row === undefined ? undefined : exceptions.get(row.row)
    writes.push({
      ...writesOf(row, { ...note, taken: takenOf(row) }, of?.projection),
      ...(against !== undefined && { exceptions: against }),
    })
  }
  return {
    vault,
    counts: countsWithout(of?.counts ?? countOutcomes([]), excludedHere),
    rows: writes,
  }
}

function receiptOf(
  plan: ImportPlan,
  { journal, vaults }: Pick<ImportWrites, 'vaults'> & { readonly journal: ImportJournalRow },
): ImportReceipt {
  return {
    importId: plan.id,
    planHash: plan.hash,
    appliedAt: journal.appliedAt,
    counts: journal.counts,
    excluded: journal.excluded,
    perVault: vaults.map(({ vault, counts }) => ({ vault: vault.name, counts })),
  }
}
