/** Plans an import: everything it would do, as data, before anything is written. */
import { generateULID } from '@noy-db/hub/kernel'
import type { LongWork, NoydbApi } from '@noy-db/hub'
import { checkSender } from '../identity/check-sender.ts'
import { assertStrategies } from '../interchange/strategy.ts'
import type { FieldAuthorityPolicy, StrategyOption } from '../interchange/types.ts'
import { onlySignal, pace, type Pace } from '../pace.ts'
import { queueKey } from '../queue/conflict-id.ts'
import { openState } from '../state.ts'
import { countOutcomes, sumCounts } from './counts.ts'
import { assertNotImported } from './journal.ts'
import { openCompartments, verifyContainer, type OpenCompartment, type OpenOptions } from './open-import.ts'
import { hashPlan } from './plan-hash.ts'
import { planRows, type PlannedRow, type VaultMerge } from './plan-rows.ts'
import { checkReferences } from './references.ts'
import type { ImportPlan, ImportRow, VaultPlan } from './types.ts'
import { groupBy } from '../group-by.ts'

export interface PlanImportOptions extends OpenOptions {
  readonly container: Uint8Array
  readonly strategy: StrategyOption
  /** By vault name, where a vault is merged in another way than the rest. */
  readonly strategyOf?: Readonly<Record<string, StrategyOption>>
  readonly fieldAuthority?: Record<string, FieldAuthorityPolicy>
  /** Whose bases count; default: the party that signed. Null uses and moves none. */
  readonly party?: string | null
  readonly fileName?: string
}

/** What planning needs again when the versions moved in between. Kept beside the plan, which itself is plain data. */
const origins = new WeakMap<ImportPlan, PlanImportOptions>()

export function originOf(plan: ImportPlan): PlanImportOptions | undefined {
  return origins.get(plan)
}

/** @throws AlreadyImportedError, BundleInvalidError, LobbyError (keys, signature), the hub's TransferSealError */
export async function planImport(
  db: NoydbApi,
  options: PlanImportOptions,
  work?: LongWork,
): Promise<ImportPlan> {
  assertStrategies(options.strategy)
  for (const strategy of Object.values(options.strategyOf ?? {})) assertStrategies(strategy)
  const container = verifyContainer(options.container)
  const state = await openState(db)
  await assertNotImported(state, container.sha256, Object.keys(options.into))
  const sender = await checkSender(state, container.sender)
  const compartments = await openCompartments(db, container, options, work)
  const party = options.party === undefined ? sender.party : options.party
  const shared = { party, queueKey: await queueKey(state) }
  const planned: PlannedVault[] = []
  for (const compartment of compartments) {
    planned.push(await planVault(mergeOf(compartment, shared, options), compartment.entry, pace(work)))
  }
  const plan: Omit<ImportPlan, 'hash'> = {
    id: generateULID(),
    containerSha256: container.sha256,
    sender,
    plannedAt: new Date().toISOString(),
    ...(await assemble(planned, pace(onlySignal(work)))),
    party,
    ...(options.fileName !== undefined && { fileName: options.fileName }),
    ...(container.sender !== null && { senderBlock: container.sender }),
  }
  const hashed: ImportPlan = { ...plan, hash: await hashPlan(plan, work) }
  origins.set(hashed, options)
  return hashed
}

type Shared = Pick<VaultMerge, 'party' | 'queueKey'>

function mergeOf(
  { vault, incoming, entry }: OpenCompartment,
  shared: Shared,
  options: PlanImportOptions,
): VaultMerge {
  return {
    vault,
    incoming,
    strategy: strategyFor(options, vault.name),
    ...shared,
    ...(options.fieldAuthority !== undefined && { fieldAuthority: options.fieldAuthority }),
    ...(entry.projection !== undefined && { projection: entry.projection }),
  }
}

function strategyFor({ strategy, strategyOf = {} }: PlanImportOptions, vault: string): StrategyOption {
  return Object.hasOwn(strategyOf, vault) ? (strategyOf[vault] ?? strategy) : strategy
}

export interface PlannedVault {
  readonly plan: VaultPlan
  readonly rows: readonly PlannedRow[]
}

export async function planVault(
  merge: VaultMerge,
  entry: { readonly handle: string; readonly name?: string },
  slices: Pace,
): Promise<PlannedVault> {
  const rows = await checkReferences(merge.vault, await planRows(merge, slices), slices)
  await slices.step()
  const byCollection = groupBy(rows, ({ collection }) => collection)
  const plan: VaultPlan = {
    vault: merge.vault.name,
    handle: entry.handle,
    ...(entry.name !== undefined && { name: entry.name }),
    strategy: merge.strategy,
    counts: countOutcomes(rows.map(({ outcome }) => outcome)),
    byCollection: Object.fromEntries(
      [...byCollection].map(([name, all]) => [name, countOutcomes(all.map(({ outcome }) => outcome))]),
    ),
    ...(merge.projection !== undefined && { projection: merge.projection }),
  }
  return { plan, rows }
}

/** `equal` rows are left out of the rows, but not of the expected versions: their bases move too. */
export async function assemble(
  planned: readonly PlannedVault[],
  slices: Pace,
): Promise<Pick<ImportPlan, 'perVault' | 'expectedVersions' | 'rows' | 'counts'>> {
  const rows: ImportRow[] = []
  for (const row of planned.flatMap((one) => one.rows)) {
    await slices.step()
    if (row.outcome !== 'equal') rows.push(withoutVersion(row))
  }
  await slices.step()
  const perVault = planned.map(({ plan }) => plan)
  return {
    perVault,
    expectedVersions: Object.fromEntries(planned.map(({ plan, rows }) => [plan.vault, versionsOf(rows)])),
    rows,
    counts: sumCounts(perVault.map(({ counts }) => counts)),
  }
}

function versionsOf(rows: readonly PlannedRow[]): Record<string, Record<string, number>> {
  const byCollection = groupBy(rows, ({ collection }) => collection)
  return Object.fromEntries(
    [...byCollection].map(([name, all]) => [
      name,
      Object.fromEntries(all.map(({ id, version }) => [id, version])),
    ]),
  )
}

function withoutVersion({ version: _version, ...row }: PlannedRow): ImportRow {
  return row
}
