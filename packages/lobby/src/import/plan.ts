/** Plans an import: everything it would do, as data, before anything is written. */
import { generateULID } from '@noy-db/hub/kernel'
import type { LongWork, NoydbApi } from '@noy-db/hub'
import { partyOf, takenBy } from '../exchange/answers.ts'
import { NO_NOTES } from '../exchange/compartment-notes.ts'
import { messageOf } from '../exchange/exchanged.ts'
import { checkSender } from '../identity/check-sender.ts'
import { assertStrategies, assertStrictness } from '../interchange/strategy.ts'
import type { FieldAuthorityPolicy, StrategyOption, StrictnessOption } from '../interchange/types.ts'
import type { RulesOf } from '../invariants/types.ts'
import { onlySignal, pace, type Pace } from '../pace.ts'
import { queueKey } from '../queue/conflict-id.ts'
import { openState } from '../state.ts'
import { countOutcomes, sumCounts } from './counts.ts'
import { assertNotImported } from './journal.ts'
import { openCompartments, verifyContainer, type OpenCompartment, type OpenOptions } from './open-import.ts'
import { hashPlan } from './plan-hash.ts'
import { keepOrigin } from './plan-origin.ts'
import { planRows } from './plan-rows.ts'
import { markDuplicates } from './possible-duplicates.ts'
import { judgeRows, sumEffects } from './judge-rows.ts'
import { checkReferences } from './references.ts'
import { askReferred } from './referred-deletions.ts'
import type { ImportPlan, ImportRow, Projection, RowCounts, VaultPlan } from './types.ts'
import { fieldsOf, type PlannedRow, type VaultMerge } from './vault-merge.ts'
import { groupBy } from '../group-by.ts'

export interface PlanImportOptions extends OpenOptions {
  readonly container: Uint8Array
  readonly strategy: StrategyOption
  /** By vault name, where a vault is merged in another way than the rest. */
  readonly strategyOf?: Readonly<Record<string, StrategyOption>>
  readonly fieldAuthority?: Record<string, FieldAuthorityPolicy>
  /** How much of `three-way` merges without a person; default `field`. */
  readonly strictness?: StrictnessOption
  /** By vault name, where a vault is merged more or less strictly than the rest. */
  readonly strictnessOf?: Readonly<Record<string, StrictnessOption>>
  /** Fields a collection is narrowed to here, whatever comes: others are neither compared nor changed. */
  readonly projection?: Projection
  /** Rules and amounts of each vault's records; without them, neither is judged. */
  readonly rules?: RulesOf
  /** Whose bases count; default: whom the answered message went to, else who signed. Null uses and moves none. */
  readonly party?: string | null
  readonly fileName?: string
}

/** @throws AlreadyImportedError, BundleInvalidError, LobbyError (keys, signature), the hub's TransferSealError */
export async function planImport(
  db: NoydbApi,
  options: PlanImportOptions,
  work?: LongWork,
): Promise<ImportPlan> {
  assertStrategies(options.strategy)
  assertStrictness(options.strictness)
  for (const strategy of Object.values(options.strategyOf ?? {})) assertStrategies(strategy)
  for (const strictness of Object.values(options.strictnessOf ?? {})) assertStrictness(strictness)
  const container = verifyContainer(options.container)
  const state = await openState(db)
  await assertNotImported(state, container.sha256, Object.keys(options.into))
  const sender = await checkSender(state, container.sender)
  const compartments = await openCompartments(db, container, options, work)
  const party = options.party === undefined ? await partyOf(state, container.sender) : options.party
  const taken = await takenBy(state, container.sender)
  const shared = { party, taken, ...messageOf(container.sender), queueKey: await queueKey(state) }
  const planned: PlannedVault[] = []
  for (const compartment of compartments) {
    planned.push(await planVault(mergeOf(compartment, shared, options), compartment.entry, pace(work)))
  }
  const assembled = await assemble(planned, pace(onlySignal(work)))
  const plan: Omit<ImportPlan, 'hash'> = {
    id: generateULID(),
    containerSha256: container.sha256,
    sender,
    plannedAt: new Date().toISOString(),
    ...assembled,
    party,
    ...(options.rules !== undefined && { effects: sumEffects(assembled.rows) }),
    taken: taken === null ? null : [...taken],
    ...(options.fileName !== undefined && { fileName: options.fileName }),
    ...(container.sender !== null && { senderBlock: container.sender }),
  }
  const hashed: ImportPlan = { ...plan, hash: await hashPlan(plan, work) }
  keepOrigin(hashed, {
    again: (again) => planImport(db, options, again),
    ...(options.declare !== undefined && { declare: options.declare }),
  })
  return hashed
}

type Shared = Pick<VaultMerge, 'party' | 'queueKey' | 'taken' | 'message'>

function mergeOf(
  { vault, incoming, entry, notes }: OpenCompartment,
  shared: Shared,
  options: PlanImportOptions,
): VaultMerge {
  const projection = narrowed(entry.projection, options.projection)
  const rules = options.rules?.(vault.name)
  const strictness = ownEntry(options.strictnessOf, vault.name) ?? options.strictness
  return {
    vault,
    incoming,
    notes,
    strategy: ownEntry(options.strategyOf, vault.name) ?? options.strategy,
    ...shared,
    ...(options.fieldAuthority !== undefined && { fieldAuthority: options.fieldAuthority }),
    ...(strictness !== undefined && { strictness }),
    ...(projection !== undefined && { projection }),
    ...(rules !== undefined && { rules }),
  }
}

/** What was sent, and of that what is taken here. */
function narrowed(sent: Projection | undefined, taken: Projection | undefined): Projection | undefined {
  if (sent === undefined || taken === undefined) return sent ?? taken
  const both = Object.entries(taken).map(([name, fields]): [string, readonly string[]] => {
    const came = fieldsOf(sent, name)
    return [name, came === undefined ? fields : fields.filter((field) => came.includes(field))]
  })
  return { ...sent, ...Object.fromEntries(both) }
}

/** A vault may be called `constructor`. */
function ownEntry<T>(byVault: Readonly<Record<string, T>> | undefined, vault: string): T | undefined {
  return byVault !== undefined && Object.hasOwn(byVault, vault) ? byVault[vault] : undefined
}

export interface PlannedVault {
  readonly plan: VaultPlan
  readonly rows: readonly PlannedRow[]
}

/** `refused`: rows that never became records; they are listed with the rest. */
export async function planVault(
  merge: VaultMerge,
  entry: { readonly handle: string; readonly name?: string },
  slices: Pace,
  refused: readonly PlannedRow[] = [],
): Promise<PlannedVault> {
  const found = await markDuplicates(merge, await planRows(merge, slices), slices)
  const planned = await judgeRows(merge, await askReferred(merge, found, slices), slices)
  const rows = [...refused, ...(await checkReferences(merge.vault, planned, slices))]
  await slices.step()
  const byCollection = countByCollection(rows)
  const { leftOut } = merge.notes ?? NO_NOTES
  const plan: VaultPlan = {
    vault: merge.vault.name,
    handle: entry.handle,
    ...(entry.name !== undefined && { name: entry.name }),
    strategy: merge.strategy,
    counts: sumCounts(Object.values(byCollection)),
    byCollection,
    ...(merge.projection !== undefined && { projection: merge.projection }),
    ...(leftOut.length > 0 && { leftOut }),
  }
  return { plan, rows }
}

function countByCollection(rows: readonly PlannedRow[]): Record<string, RowCounts> {
  const groups = [...groupBy(rows, ({ collection }) => collection)]
  return Object.fromEntries(
    groups.map(([name, all]) => [name, countOutcomes(all.map(({ outcome }) => outcome))]),
  )
}

/** `equal` rows are left out of the rows, but not of the expected versions: their bases move too. */
export async function assemble(
  planned: readonly PlannedVault[],
  slices: Pace,
): Promise<Pick<ImportPlan, 'perVault' | 'expectedVersions' | 'rows' | 'counts'>> {
  const rows: ImportRow[] = []
  const versions = new Map<string, Versions>()
  for (const one of planned) {
    const ofVault: Versions = new Map()
    for (const row of one.rows) {
      await slices.step()
      noteVersion(ofVault, row)
      if (row.outcome !== 'equal') rows.push(withoutVersion(row))
    }
    versions.set(one.plan.vault, ofVault)
  }
  const perVault = planned.map(({ plan }) => plan)
  const counts = sumCounts(perVault.map((one) => one.counts))
  return { perVault, expectedVersions: await expectedVersions(versions, slices), rows, counts }
}

/** Collection -> versions by record id. */
type Versions = Map<string, [string, number][]>

function noteVersion(versions: Versions, { collection, id, version }: PlannedRow): void {
  const known = versions.get(collection)
  if (known === undefined) versions.set(collection, [[id, version]])
  else known.push([id, version])
}

async function expectedVersions(
  versions: ReadonlyMap<string, Versions>,
  slices: Pace,
): Promise<ImportPlan['expectedVersions']> {
  const vaults: [string, Record<string, Record<string, number>>][] = []
  for (const [vault, collections] of versions) {
    const ofVault: [string, Record<string, number>][] = []
    for (const [name, all] of collections) {
      await slices.step()
      ofVault.push([name, Object.fromEntries(all)])
    }
    vaults.push([vault, Object.fromEntries(ofVault)])
  }
  return Object.fromEntries(vaults)
}

function withoutVersion({ version: _version, ...row }: PlannedRow): ImportRow {
  return row
}
