/** Plans, receipts and undo plans as screens show them: with names of clients and titles of records. */
import type {
  BrokenRow,
  ImportPlan,
  ImportRow,
  RowFault,
  RowRef,
  SenderCheck,
  UndoPlan,
} from '@klum-db/lobby'
import type { BrokenRuleView } from '../../../src-shared/ipc/common.ts'
import type { PlanRow, PlanView, SenderView, UndoView } from '../../../src-shared/ipc/imports.ts'
import { isOpen } from '@klum-db/lobby'
import { fieldLabels } from '../conflicts/field-rows.ts'
import { clientNames } from '../clients/names.ts'
import { recordTitles, type TitleOf } from '../records.ts'
import type { RuleBook } from '../rules.ts'
import type { Open } from '../session.ts'
import type { HeldPlan } from './plan-store.ts'

export interface ViewNames {
  readonly vaultName: (vaultId: string) => string
  readonly records: TitleOf
  /** Name of the file of another program. */
  readonly file: string | null
  /** Broken rules in words. */
  readonly broken: (row: ImportRow) => Promise<BrokenRuleView[]>
}

/** Clients that a plan makes go by their names already. */
export async function viewNames(open: Open, rules: RuleBook, held: HeldPlan): Promise<ViewNames> {
  const known = await clientNames(open.state)
  const pending = new Map(held.pending.map(({ vaultId, name }) => [vaultId, name]))
  const vaultName = (vaultId: string): string => pending.get(vaultId) ?? known(vaultId)
  return {
    vaultName,
    records: recordTitles(open),
    file: held.profile === undefined ? null : (held.plan.fileName ?? null),
    broken: ({ vault, broken = [] }) => rules.view(open, { vault, client: vaultName(vault) }, broken),
  }
}

/** Rows that break a rule are many where a rule is new: the first of them are shown, the rest by client. */
const brokenShown = 500

export function senderView(sender: SenderCheck): SenderView {
  const { exchangeId: _exchangeId, ...view } = sender
  return view
}

export async function planView({ plan, pending }: HeldPlan, names: ViewNames): Promise<PlanView> {
  const refused = plan.rows.filter(({ outcome }) => outcome === 'refuse')
  const broken = plan.rows.filter(breaksRule)
  return {
    planId: plan.id,
    hash: plan.hash,
    sender: senderView(plan.sender),
    perVault: plan.perVault.map(({ vault, handle, strategy, counts }) => ({
      vault,
      name: names.vaultName(vault),
      handle,
      isNew: pending.some(({ vaultId }) => vaultId === vault),
      strategy: contractStrategy(strategy),
      counts,
      broken: broken.filter((row) => row.vault === vault).length,
    })),
    counts: plan.counts,
    refused: await planRows(refused, names),
    broken: { total: broken.length, rows: await planRows(broken.slice(0, brokenShown), names) },
    amounts: amountViews(plan, names),
  }
}

export function breaksRule({ broken }: ImportRow): boolean {
  return isOpen(broken)
}

/** Lists are left out: what stands in lines comes to a total. */
function amountViews({ effects = [] }: ImportPlan, { vaultName, records }: ViewNames): PlanView['amounts'] {
  return effects
    .filter(({ path, delta }) => !path.includes('*') && delta !== 0)
    .map(({ vault, collection, label, currency, delta, records: count }) => ({
      vault,
      name: vaultName(vault),
      collection: records.template({ vault, collection })?.label.many ?? collection,
      label,
      currency,
      delta,
      records: count,
    }))
}

type PlanStrategy = PlanView['perVault'][number]['strategy']

const shownStrategies = ['three-way', 'manual-queue', 'take-incoming', 'keep-local', 'lww-by-ts'] as const

/** The console only plans with these; a record of strategies is the engine's alone. */
function contractStrategy(strategy: ImportPlan['perVault'][number]['strategy']): PlanStrategy {
  return shownStrategies.find((known) => known === strategy) ?? 'three-way'
}

export function planRows(rows: readonly ImportRow[], names: ViewNames): Promise<PlanRow[]> {
  return Promise.all(rows.map((row) => planRow(row, names)))
}

async function planRow(row: ImportRow, names: ViewNames): Promise<PlanRow> {
  const { vault, collection, id, outcome, fields, fault } = row
  return {
    vault,
    collection,
    id,
    vaultName: names.vaultName(vault),
    title: names.records.title(row, row.result ?? row.incoming ?? row.base),
    outcome,
    fields: fieldLabels(names.records.template(row), fields),
    fault: fault === undefined ? null : faultView(fault),
    place: placeOf(row, names.file),
    broken: await names.broken(row),
  }
}

/** Rows of foreign files say where they stand: those that are records in their origin, the others by their id. */
function placeOf({ id, source, fault }: ImportRow, file: string | null): string | null {
  if (file === null) return null
  if (fault?.code === 'SOURCE_FAULT') return id
  return source?.startsWith(`${file}, `) === true ? source.slice(file.length + 2) : null
}

/** An excluded row of a receipt: left out by name, with why. */
export async function excludedRow(
  row: RowRef & { readonly fault: RowFault },
  plan: ImportPlan,
  names: ViewNames,
): Promise<PlanRow> {
  const planned = plan.rows.find((one) => sameRow(one, row))
  if (planned !== undefined) return { ...(await planRow(planned, names)), fault: faultView(row.fault) }
  const { vault, collection, id } = row
  const title = names.records.title(row, null)
  const vaultName = names.vaultName(vault)
  return {
    vault,
    collection,
    id,
    vaultName,
    title,
    outcome: 'refuse',
    fields: [],
    fault: faultView(row.fault),
    place: null,
    broken: [],
  }
}

function faultView({ code, message, path }: RowFault): NonNullable<PlanRow['fault']> {
  return { code, message, ...(path === undefined ? {} : { path }) }
}

function sameRow(one: RowRef, other: RowRef): boolean {
  return one.vault === other.vault && one.collection === other.collection && one.id === other.id
}

export interface UndoNames extends Pick<ViewNames, 'vaultName'> {
  /** Of records that are not at hand. */
  readonly title: (row: RowRef) => Promise<string>
  readonly broken: (row: BrokenRow) => Promise<BrokenRuleView[]>
}

export async function undoView(plan: UndoPlan, names: UndoNames): Promise<UndoView> {
  const named = async ({ vault, collection, id }: RowRef) => {
    const row = { vault, collection, id }
    return { ...row, vaultName: names.vaultName(vault), title: await names.title(row) }
  }
  const closed = async (row: BrokenRow) => {
    const words = await names.broken(row)
    return { ...(await named(row)), message: words.map(({ message }) => message).join(' ') }
  }
  const broken = (plan.broken ?? []).filter((row) => isOpen(row.broken))
  const { importId, hash, restore, remove, withdraw } = plan
  return {
    importId,
    hash,
    restore,
    remove,
    withdraw,
    recall: await Promise.all(plan.recall.map(named)),
    refused: await Promise.all(
      plan.refused.map(async (row) => ({ ...(await named(row)), message: row.message })),
    ),
    closed: {
      total: broken.length,
      overridable: broken.every((row) => row.broken.every(({ enforce }) => enforce !== 'refuse')),
      rows: await Promise.all(broken.slice(0, brokenShown).map(closed)),
    },
  }
}
