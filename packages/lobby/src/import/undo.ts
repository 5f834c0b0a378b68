/** Undo of an import: planned first, then written in one transaction over all its vaults. */
import { ConflictError, RecordLockedError, RefIntegrityError } from '@noy-db/hub'
import type { LongWork, NoydbApi, Transaction, VaultApi } from '@noy-db/hub'
import { BASES, baseKey, type BaseRow } from '../exchange/bases.ts'
import { hashJson } from '../canonical-json.ts'
import { LobbyError } from '../errors.ts'
import { putException } from '../invariants/exceptions.ts'
import type { RuleOverride, RulesOf } from '../invariants/types.ts'
import { onlySignal, pace } from '../pace.ts'
import { putConflict } from '../queue/conflict-row.ts'
import { putBack } from '../queue/earlier-record.ts'
import { openState, type State } from '../state.ts'
import { readImport } from './journal.ts'
import { judgeUndo, recordKey, undoExceptions } from './judge-undo.ts'
import type { ImportJournalRow, RowRef, UndoPlan, UndoReceipt } from './types.ts'
import { IMPORTS } from './undo-record.ts'
import { reviewVault, type Review, type VaultReview } from './undo-review.ts'

const COMMAND = 'imports.undo'

type Exceptions = ReturnType<typeof undoExceptions>

export interface UndoOptions {
  /** Declares collections on each vault: what they keep of provenance is decided there. */
  readonly declare?: (vault: VaultApi) => void
  /** Of the plan that was shown. */
  readonly expectHash?: string
  readonly reason?: string
  /** Rules of the vaults' records: what falls into a closed period is named by the plan, and wants a reason. */
  readonly rules?: RulesOf
  /** Put back into closed periods all the same, as in an import; reported. */
  readonly override?: RuleOverride
}

/** What undoing would do; nothing is written. */
export async function planUndo(
  db: NoydbApi,
  importId: string,
  options: Pick<UndoOptions, 'declare' | 'rules'> = {},
  work?: LongWork,
): Promise<UndoPlan> {
  return (await review(db, await openState(db), importId, options, work)).plan
}

interface Reviewed {
  readonly journal: ImportJournalRow
  readonly vaults: readonly VaultReview[]
  readonly plan: UndoPlan
}

async function review(
  db: NoydbApi,
  state: State,
  importId: string,
  { declare, rules }: UndoOptions,
  work?: LongWork,
): Promise<Reviewed> {
  const journal = await readImport(state, importId)
  if (journal.status === 'undone') {
    throw new LobbyError(
      'IMPORT_UNDONE',
      `This import was undone on ${journal.undoneAt ?? 'an earlier day'}.`,
    )
  }
  const slices = pace(onlySignal(work))
  const vaults: VaultReview[] = []
  for (const name of journal.vaults) {
    const vault = await db.openVault(name, { create: false })
    declare?.(vault)
    vaults.push(await reviewVault(vault, importId, slices))
  }
  const plan = describe(importId, vaults)
  const broken = rules === undefined ? [] : await judgeUndo(rules, vaults, slices)
  return { journal, vaults, plan: broken.length === 0 ? plan : { ...plan, broken } }
}

function describe(importId: string, vaults: readonly VaultReview[]): UndoPlan {
  const all = vaults.flatMap(({ reviews }) => reviews)
  const plan = {
    importId,
    restore: all.filter(({ record }) => record?.do === 'restore').length,
    remove: all.filter(({ record }) => record?.do === 'remove').length,
    withdraw: all.filter(({ conflict }) => conflict?.do === 'withdraw').length,
    recall: all.flatMap(({ ref, conflict }) =>
      conflict?.do === 'recall' ? [{ ...ref, conflictId: conflict.row.conflictId }] : [],
    ),
    refused: all.flatMap(({ ref, refused }) => (refused === undefined ? [] : [{ ...ref, message: refused }])),
  }
  return { ...plan, hash: hashJson([plan, all.map(({ ref, version }) => [ref, version])]) }
}

/**
 * Records edited since are left as they are and listed.
 * @throws LobbyError `UNDO_STALE` when it would do anything other than the plan with `expectHash` said, `UNDO_REFUSED`
 * when later records need what it would remove, or a record is locked; RulesBrokenError for closed periods without a reason
 */
export async function undoImport(
  db: NoydbApi,
  importId: string,
  options: UndoOptions = {},
  work?: LongWork,
): Promise<UndoReceipt> {
  const state = await openState(db)
  const reviewed = await review(db, state, importId, options, work)
  const { plan, journal } = reviewed
  if (options.expectHash !== undefined && options.expectHash !== plan.hash) throw stale()
  const exceptions = undoExceptions(plan.broken ?? [], writtenBy(reviewed), options.override)
  const undoneAt = new Date().toISOString()
  const undone = { ...journal, status: 'undone' as const, undoneAt, undoneBy: state.vault.userId }
  const sender = await senderBefore(state, journal)
  const reason = options.reason ?? `undo:${importId}`
  try {
    await db.transaction(
      async (tx) => {
        await stageVaults(tx, state, { ...reviewed, exceptions }, work)
        tx.put(state.vault, state.journal.name, importId, undone)
        sender?.(tx)
      },
      { ...work, command: COMMAND, reason },
    )
  } catch (error) {
    if (error instanceof ConflictError) throw stale()
    if (error instanceof RefIntegrityError || error instanceof RecordLockedError)
      throw new LobbyError('UNDO_REFUSED', error.message, { cause: error })
    throw error
  }
  return { ...plan, undoneAt }
}

function writtenBy({ vaults }: Reviewed): RowRef[] {
  return vaults.flatMap(({ reviews }) =>
    reviews.flatMap(({ ref, record }) => (record === undefined ? [] : [ref])),
  )
}

function stale(): LobbyError {
  return new LobbyError('UNDO_STALE', 'Records changed since the undo was planned; look at it again.')
}

async function stageVaults(
  tx: Transaction,
  state: State,
  { journal, vaults, exceptions }: Reviewed & { readonly exceptions: Exceptions },
  work?: LongWork,
): Promise<void> {
  const slices = pace(onlySignal(work))
  const noted = { command: COMMAND, origin: journal.id }
  for (const one of vaults) {
    // Backwards: what refers to a record goes before the record.
    for (const reviewed of one.reviews.toReversed()) {
      await slices.step()
      stageReview(tx, state, one, reviewed)
      const { collection, id } = reviewed.ref
      for (const exception of exceptions.get(recordKey(reviewed.ref)) ?? [])
        putException(tx, one.vault, { collection, id, ...noted, ...exception })
    }
    if (one.summary !== null) {
      tx.putSidecar(one.vault, IMPORTS, { key: journal.id }, { ...one.summary, status: 'undone' })
    }
  }
}

function stageReview(tx: Transaction, state: State, { vault }: VaultReview, reviewed: Review): void {
  const { ref, version, record, conflict, base } = reviewed
  const at = { collection: ref.collection, id: ref.id, version }
  if (record !== undefined) putBack(tx, vault, at, record.earlier)
  if (conflict !== undefined) {
    const { decision: _decision, ...row } = conflict.row
    putConflict(tx, state, vault, { ...row, status: 'recalled' }, conflict.version)
  }
  if (base !== undefined) stageBase(tx, vault, ref.collection, base)
}

function stageBase(
  tx: Transaction,
  vault: VaultReview['vault'],
  collection: string,
  { now, before }: { readonly now: BaseRow; readonly before: BaseRow | null },
): void {
  const key = baseKey(now.party, collection, now.recordId)
  if (before === null) tx.deleteSidecar(vault, BASES, key)
  else tx.putSidecar(vault, BASES, key, before)
}

/** The sequence goes back only where nothing was taken from the sender since. */
async function senderBefore(
  state: State,
  journal: ImportJournalRow,
): Promise<((tx: Transaction) => void) | undefined> {
  const { senderBefore: before, exchangeId } = journal
  if (before === undefined || exchangeId === null) return undefined
  const party = before?.party ?? (await partyOf(state, exchangeId))
  const known = party === undefined ? null : await state.senders.entry(party)
  if (known?.record.lastExchangeId !== exchangeId) return undefined
  const options = { expectedVersion: known.metadata.version }
  return (tx) => {
    if (before === null) tx.delete(state.vault, state.senders.name, known.id, options)
    else tx.put(state.vault, state.senders.name, known.id, before, options)
  }
}

async function partyOf(state: State, exchangeId: string): Promise<string | undefined> {
  const senders = await state.senders.list()
  return senders.find(({ lastExchangeId }) => lastExchangeId === exchangeId)?.party
}
