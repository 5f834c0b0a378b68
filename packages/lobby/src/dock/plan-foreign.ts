/**
 * A foreign file into a collection that has records already: the same plan, apply, queue and undo as bundles. The profile
 * is the party: what its last file brought is the base of what this one brings.
 */
import type { DecryptedRecord, LongWork, NoydbApi, VaultApi } from '@noy-db/hub'
import { generateULID } from '@noy-db/hub/kernel'
import { LobbyError } from '../errors.ts'
import { NO_SENDER } from '../identity/check-sender.ts'
import { hashPlan } from '../import/plan-hash.ts'
import { assertNotImported } from '../import/journal.ts'
import { sumEffects } from '../import/judge-rows.ts'
import { assemble, planVault } from '../import/plan.ts'
import { keepOrigin } from '../import/plan-origin.ts'
import type { Body, ImportPlan, RowFault } from '../import/types.ts'
import type { RulesOf } from '../invariants/types.ts'
import type { NaturalKey, PlannedRow, VaultMerge } from '../import/vault-merge.ts'
import { assertStrategies, assertStrictness } from '../interchange/strategy.ts'
import type { StrategyOption, StrictnessOption } from '../interchange/types.ts'
import { onlySignal, pace } from '../pace.ts'
import { queueKey } from '../queue/conflict-id.ts'
import { openState } from '../state.ts'
import { mapSource } from './profile/map-rows.ts'
import type { MappedRow } from './profile/mapped-row.ts'
import type { MappingProfile } from './profile/schema.ts'
import { invalid } from './source/error.ts'
import { sha256Of } from './source/open.ts'
import { placesText, placeText } from './source/place.ts'
import type { ForeignSource, SourceReader } from './source/types.ts'

export interface PlanForeignOptions {
  readonly vault: string
  readonly profile: MappingProfile
  readonly source: ForeignSource
  /** Of the profile's kind. */
  readonly reader: SourceReader
  /** Declares collections, schemas and references on the receiving vault. */
  readonly declare?: (vault: VaultApi) => void
  /** Collections of the compiled template: their natural keys find possible duplicates. */
  readonly naturalKeys?: ReadonlyMap<string, NaturalKey>
  /** Default `three-way`. */
  readonly strategy?: StrategyOption
  /** How much of `three-way` merges without a person; default `field`. */
  readonly strictness?: StrictnessOption
  /** Rules and amounts of the vault's records; without them, neither is judged. */
  readonly rules?: RulesOf
}

/** Whose bases a profile's files move. No signed party's: those have no colon. */
export function partyOfProfile({ id }: MappingProfile): string {
  return `file:${id}`
}

/**
 * Faulty rows are refused rows of the plan, named by their place ("line 17"): they block the apply until each is excluded.
 * @throws SourceError, AlreadyImportedError for the same file, LobbyError `SOURCE_CHANGED` for one that changes meanwhile
 */
export async function planForeign(
  db: NoydbApi,
  options: PlanForeignOptions,
  work?: LongWork,
): Promise<ImportPlan> {
  const { vault: name, profile, source, reader, strategy = 'three-way' } = options
  assertStrategies(strategy)
  assertStrictness(options.strictness)
  if (reader.kind !== profile.kind) throw invalid(`The profile ${profile.name} is for ${profile.kind} files.`)
  const state = await openState(db)
  const sha256 = await sha256Of(source, onlySignal(work))
  const handle = `${profile.id}:${name}`
  await assertNotImported(state, sha256, [handle])
  // Never created here: a misspelt name must not leave an empty vault behind.
  const vault = await db.openVault(name, { create: false })
  options.declare?.(vault)
  const { records, refused } = await readRecords(options, work)
  if ((await sha256Of(source, onlySignal(work))) !== sha256)
    throw new LobbyError('SOURCE_CHANGED', 'The file changed while it was read; try again.')
  const party = partyOfProfile(profile)
  const merge = { ...mergeOf(vault, records, options), party, queueKey: await queueKey(state) }
  const planned = await planVault(merge, { handle, name: profile.name }, pace(work), refused)
  const assembled = await assemble([planned], pace(onlySignal(work)))
  const plan: Omit<ImportPlan, 'hash'> = {
    id: generateULID(),
    containerSha256: sha256,
    sender: NO_SENDER,
    plannedAt: new Date().toISOString(),
    ...assembled,
    ...(merge.rules !== undefined && { effects: sumEffects(assembled.rows) }),
    party,
    fileName: source.name,
  }
  const hashed: ImportPlan = { ...plan, hash: await hashPlan(plan, work) }
  keepOrigin(hashed, {
    again: (again) => planForeign(db, options, again),
    ...(options.declare !== undefined && { declare: options.declare }),
  })
  return hashed
}

function mergeOf(
  vault: VaultApi,
  records: readonly DecryptedRecord[],
  { profile, strategy = 'three-way', strictness, ...options }: PlanForeignOptions,
): Omit<VaultMerge, 'party' | 'queueKey'> {
  const { collection } = profile
  const rules = options.rules?.(vault.name)
  const naturalKey = options.naturalKeys?.get(collection)
  return {
    vault,
    incoming: { [collection]: records },
    strategy,
    // Only what is mapped is brought: other fields stay as they are here.
    projection: { [collection]: mappedFields(profile) },
    ...(strictness !== undefined && { strictness }),
    ...(rules !== undefined && { rules }),
    ...(naturalKey !== undefined && { naturalKeys: { [collection]: naturalKey } }),
  }
}

function mappedFields({ fields }: MappingProfile): string[] {
  return [...new Set(fields.map(({ path }) => path.split('.', 1)[0] ?? path))]
}

interface Records {
  readonly records: DecryptedRecord[]
  readonly refused: PlannedRow[]
}

async function readRecords(
  { vault, profile, source, reader }: PlanForeignOptions,
  work?: LongWork,
): Promise<Records> {
  const { writtenAt = new Date().toISOString() } = source
  const records: DecryptedRecord[] = []
  const refused: PlannedRow[] = []
  for await (const row of mapSource(reader, source, profile, onlySignal(work))) {
    const origin = { ts: writtenAt, source: `${source.name}, ${placesText(row.place, row.last, row.rows)}` }
    if (row.id === null || row.faults.length > 0) refused.push(refusedRow(row, vault, profile, writtenAt))
    else records.push({ id: row.id, record: { ...row.record }, version: 1, ...origin })
  }
  return { records, refused }
}

function refusedRow(
  row: MappedRow,
  vault: string,
  { collection }: MappingProfile,
  writtenAt: string,
): PlannedRow {
  const incoming: Body = { ...row.record }
  return {
    vault,
    collection,
    id: placeText(row.place),
    outcome: 'refuse',
    fields: [],
    fault: faultOf(row),
    incoming,
    base: null,
    incomingTs: writtenAt,
    version: 0,
  }
}

function faultOf({ faults, rows }: MappedRow): RowFault {
  const [first] = faults
  const message = faults
    .map(({ place, column, message: why }) => [
      ...(rows > 1 && place !== undefined ? [placeText(place)] : []),
      ...(column === undefined ? [] : [column]),
      why,
    ])
    .map((words) => words.join(': '))
    .join(' ')
  return { code: 'SOURCE_FAULT', message, ...(first?.column !== undefined && { path: first.column }) }
}
