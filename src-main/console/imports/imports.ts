/** Imports, as the screens ask for them: look, plan, apply, list, undo. */
import {
  type ImportDecisions,
  type ImportReceipt,
  keyFormOf,
  planImport,
  type PlanImportOptions,
  planUndo,
  readKeys,
  undoImport,
  type UndoOptions,
  type UndoPlan,
} from '@klum-db/lobby'
import type { VaultApi } from '@noy-db/hub'
import type { InputOf, OutputOf } from '../../../src-shared/ipc/contract.ts'
import type { CallContext } from '../../../src-shared/ipc/define.ts'
import { clientNames, clientTemplate } from '../clients/names.ts'
import { conflictIndex, importJournal } from '../engine.ts'
import type { Expressions } from '../expressions.ts'
import type { FilesService } from '../files.ts'
import { partyNames } from '../foreign/profiles.ts'
import { personName } from '../people.ts'
import { currentTitle, recordTitles } from '../records.ts'
import type { RuleBook } from '../rules.ts'
import type { Open, Session } from '../session.ts'
import { knownStrictness, strictnessFor } from './strictness.ts'
import { applyPlan } from './apply.ts'
import { assertBundle, inspect } from './inspect.ts'
import type { HeldPlan, PlanStore } from './plan-store.ts'
import {
  breaksRule,
  excludedRow,
  planRows,
  planView,
  undoView,
  viewNames,
  type ViewNames,
} from './plan-views.ts'
import { planningDb } from './planning-db.ts'
import { assertRemovalsAccepted } from './removals.ts'
import { resolveTargets } from './targets.ts'

type PlanRequest = InputOf<'imports.plan'>

export interface ImportsService {
  inspect(bundle: string): Promise<OutputOf<'imports.inspect'>>
  strictness(): Promise<OutputOf<'imports.strictness'>>
  keyForm(keys: string): Promise<OutputOf<'imports.keyForm'>>
  plan(request: PlanRequest, context: CallContext): Promise<OutputOf<'imports.plan'>>
  planRows(request: PlanRowsRequest): Promise<OutputOf<'imports.planRows'>>
  apply(request: ApplyRequest, context: CallContext): Promise<OutputOf<'imports.apply'>>
  discard(planId: string): Promise<void>
  list(): Promise<OutputOf<'imports.list'>>
  planUndo(importId: string): Promise<OutputOf<'imports.planUndo'>>
  undo(request: InputOf<'imports.undo'>, context: CallContext): Promise<OutputOf<'imports.undo'>>
  /** Forgets every plan. */
  clear(): void
}

export type PlanRowsRequest = InputOf<'imports.planRows'> & {
  readonly offset: number
  readonly limit: number
}
export type ApplyRequest = InputOf<'imports.apply'> & {
  readonly exclude: NonNullable<ImportDecisions['exclude']>
}

export function createImports(
  session: Session,
  { files, expressions, rules, plans }: ImportParts,
): ImportsService {
  const namesOf = (open: Open, held: HeldPlan): Promise<ViewNames> => viewNames(open, rules, held)
  return {
    inspect: (bundle) =>
      session.use(async (open) => {
        const { name, bytes } = await files.read(bundle, 'bundle')
        return inspect(open, { handle: bundle, name, bytes: bytes.byteLength }, bytes)
      }),
    strictness: () => session.use(knownStrictness),
    keyForm: (keys) => session.use(async () => ({ form: keyFormOf((await files.read(keys)).bytes) })),
    plan: (request, context) =>
      session.use(async (open) => {
        const held = await makePlan(open, { files, expressions, rules }, request, context)
        plans.keep(held)
        return planView(held, await namesOf(open, held))
      }),
    planRows: (request) =>
      session.use(async (open) => {
        const held = plans.get(request.planId)
        return pageOfRows(held, await namesOf(open, held), request)
      }),
    apply: (request, context) =>
      session.use(async (open) => {
        const held = plans.get(request.planId)
        assertRemovalsAccepted(held.plan, request)
        const receipt = await applyPlan(open, held, decisionsOf(request), context)
        plans.drop(request.planId)
        return receiptView(receipt, held, await namesOf(open, held))
      }),
    discard: async (planId) => {
      plans.drop(planId)
    },
    list: () => session.use(listImported),
    planUndo: (importId) =>
      session.use(async (open) =>
        viewUndo(open, rules, await planUndo(open.db, importId, undoOptions(open, rules))),
      ),
    undo: (request, context) => session.use((open) => undo(open, rules, request, context)),
    clear: () => {
      plans.clear()
    },
  }
}

function decisionsOf({
  exclude,
  reason,
  override,
  acceptChangedSender = false,
  acceptSequence = false,
}: ApplyRequest): ImportDecisions {
  return {
    exclude,
    acceptChangedKey: acceptChangedSender,
    acceptSequence,
    ...(reason !== undefined && { reason }),
    ...(override !== undefined && { override: { reason: override } }),
  }
}

async function receiptView(
  { importId, appliedAt, counts, perVault, excluded }: ImportReceipt,
  { plan }: HeldPlan,
  names: ViewNames,
): Promise<OutputOf<'imports.apply'>> {
  return {
    importId,
    appliedAt,
    counts,
    perVault: perVault.map((one) => ({ ...one, name: names.vaultName(one.vault) })),
    excluded: await Promise.all(excluded.map((row) => excludedRow(row, plan, names))),
  }
}

function undoOptions(open: Open, rules: RuleBook): Pick<UndoOptions, 'declare' | 'rules'> {
  return { declare: open.declare, rules: rules.rulesOf(open) }
}

async function undo(
  open: Open,
  rules: RuleBook,
  { importId, hash, override }: InputOf<'imports.undo'>,
  context: CallContext,
): Promise<OutputOf<'imports.undo'>> {
  const options = undoOptions(open, rules)
  // Titles are read before: what is removed has none afterwards.
  const view = await viewUndo(open, rules, await planUndo(open.db, importId, options))
  const work = { signal: context.signal, onProgress: context.progress }
  const why = override === undefined ? {} : { override: { reason: override } }
  await undoImport(open.db, importId, { ...options, ...why, expectHash: hash }, work)
  return view
}

export interface ImportParts {
  readonly files: FilesService
  readonly expressions: Expressions
  readonly rules: RuleBook
  readonly plans: PlanStore
}

async function makePlan(
  open: Open,
  { files, expressions, rules }: Omit<ImportParts, 'plans'>,
  request: PlanRequest,
  context: CallContext,
): Promise<HeldPlan> {
  const { name, bytes } = await files.read(request.bundle, 'bundle')
  assertBundle(bytes)
  const given = 'text' in request.keys ? request.keys.text : (await files.read(request.keys.handle)).bytes
  const { passphrase } = request.keys
  const keys = await readKeys(given, {
    container: bytes,
    db: open.db,
    ...(passphrase !== undefined && { passphrase }),
  })
  const { into, pending } = await resolveTargets(open, request.into)
  const strictness = await strictnessFor(open, request.into, into)
  const absent = pending.map(({ vaultId }) => vaultId)
  const options = {
    container: bytes,
    keys,
    into,
    declare: (vault: VaultApi) => {
      open.templates.declare(vault, templateNameOf(open, vault))
    },
    // Bundles of an older version of the template are brought up to ours before anything is compared.
    templateOf: (vault: VaultApi) => ({
      template: open.templates.get(templateNameOf(open, vault)),
      runner: expressions(),
    }),
    ...strategiesOf(request, into),
    strictnessOf: strictness.byVault,
    rules: rules.rulesOf(open),
    fileName: name,
  }
  const work = { signal: context.signal, onProgress: context.progress }
  return {
    plan: await planImport(await planningDb(open.db, absent), options, work),
    pending,
    strictness: strictness.changed,
  }
}

/** A client that is to be made gets the default template, as it will when it is made. */
function templateNameOf({ templateNames }: Open, { name }: VaultApi): string {
  return templateNames.get(name) ?? clientTemplate
}

/** Each client may be merged in its own way; vaults by name, as the engine asks for them. */
function strategiesOf(
  { into: targets }: PlanRequest,
  into: Readonly<Record<string, string>>,
): Pick<PlanImportOptions, 'strategy' | 'strategyOf'> {
  const byVault = targets.map(({ handle, strategy }) => [into[handle] ?? handle, strategy])
  return {
    strategy: targets[0]?.strategy ?? 'three-way',
    strategyOf: Object.fromEntries(byVault) as Strategies,
  }
}

type Strategies = NonNullable<PlanImportOptions['strategyOf']>

async function pageOfRows(
  { plan }: HeldPlan,
  names: ViewNames,
  { vault, outcome, broken = false, offset, limit }: PlanRowsRequest,
): Promise<OutputOf<'imports.planRows'>> {
  const rows = plan.rows.filter(
    (row) =>
      (vault ?? row.vault) === row.vault &&
      (outcome ?? row.outcome) === row.outcome &&
      (!broken || breaksRule(row)),
  )
  const end = offset + limit
  return {
    rows: await planRows(rows.slice(offset, end), names),
    total: rows.length,
    cursor: end < rows.length ? String(end) : null,
  }
}

async function listImported(open: Open): Promise<OutputOf<'imports.list'>> {
  const [journal, nameOf, index, partyName] = await Promise.all([
    importJournal(open),
    clientNames(open.state),
    conflictIndex(open),
    partyNames(open),
  ])
  const openConflicts = new Map<string, number>()
  for (const { importId, status } of index) {
    if (status === 'open') openConflicts.set(importId, (openConflicts.get(importId) ?? 0) + 1)
  }
  return journal.map((row) => ({
    importId: row.id,
    fileName: row.fileName,
    sha256: row.containerSha256,
    party: partyName(row.party),
    sequence: row.sequence,
    vaults: row.vaults.map((vault) => ({ vault, name: nameOf(vault) })),
    counts: row.counts,
    actor: personName(open, row.actor) ?? row.actor,
    appliedAt: row.appliedAt,
    status: row.status,
    undoneAt: row.undoneAt ?? null,
    openConflicts: openConflicts.get(row.id) ?? 0,
  }))
}

async function viewUndo(open: Open, rules: RuleBook, plan: UndoPlan): Promise<OutputOf<'imports.planUndo'>> {
  const vaultName = await clientNames(open.state)
  const records = recordTitles(open)
  return undoView(plan, {
    vaultName,
    title: (row) => currentTitle(open, records, row),
    broken: ({ vault, broken }) => rules.view(open, { vault, client: vaultName(vault) }, broken),
  })
}
