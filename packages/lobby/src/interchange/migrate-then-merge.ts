/** Merges a compartment of an older version: decrypt, transform, check all of it against the receiver, then merge. */
import { decryptExtractedPartition } from '@noy-db/hub/bundle'
import { ValidationError, type DecryptedRecord, type VaultApi } from '@noy-db/hub'
import { sha256 } from '../canonical-json.ts'
import { upgradeRecords, type DeclaredMigration } from '../templates/upgrade-records.ts'
import { mergeIncoming } from './merge-records.ts'
import { MinVersionError } from './migration-errors.ts'
import { stageAndValidate, type RecordStep } from './stage-and-validate.ts'
import { assertStrategies } from './strategy.ts'
import type { MergeCompartmentOptions, MergeReport } from './types.ts'

/** From the version before to this one. */
export interface MigrationStep {
  readonly toVersion: number
  readonly transform: RecordStep
}

export interface MigrateThenMergeOptions extends MergeCompartmentOptions {
  /** Version of the bundle. */
  readonly fromVersion?: number
  /** Taken for the bundle's where nobody knows it. */
  readonly assumeFromVersion?: number
  /** Default: the receiver's schema generation, or the version of `template`. */
  readonly toVersion?: number
  readonly migrations?: Record<string, readonly MigrationStep[]>
  /** Ours: the transforms of a template instead of functions; they run in a worker. */
  readonly template?: DeclaredMigration
}

export type MigrationLabel = 'transformed' | 'additive-no-transform' | 'same-version'

export interface MigrateThenMergeReport extends MergeReport {
  readonly migration: {
    readonly fromVersion: number
    readonly toVersion: number
    readonly byCollection: Record<string, MigrationLabel>
  }
}

type Incoming = Record<string, readonly DecryptedRecord[]>

/**
 * Nothing is written unless every record fits.
 * @throws ValidationError (strategy, versions), MinVersionError, MigrationTransformRequiredError, what a transform throws,
 * and what `mergeCompartment` throws
 */
export async function migrateThenMerge(
  receiver: VaultApi,
  compartmentBytes: Uint8Array,
  opts: MigrateThenMergeOptions,
): Promise<MigrateThenMergeReport> {
  assertStrategies(opts.strategy)
  const { fromVersion, toVersion } = await versionsOf(receiver, opts)
  const decrypted = await decryptExtractedPartition(compartmentBytes, opts.transferKey)
  const migrated = await migrate(receiver, decrypted, opts, { fromVersion, toVersion })
  const report = await mergeIncoming(receiver, migrated.records, opts, { sha256: sha256(compartmentBytes) })
  return { ...report, migration: { fromVersion, toVersion, byCollection: migrated.byCollection } }
}

interface Versions {
  readonly fromVersion: number
  readonly toVersion: number
}

async function versionsOf(receiver: VaultApi, opts: MigrateThenMergeOptions): Promise<Versions> {
  const { template, migrations } = opts
  if (template !== undefined && migrations !== undefined)
    throw new ValidationError('Records are migrated by a template or by functions, not by both.')
  const current = template?.template.version
  const toVersion = opts.toVersion ?? current ?? (await receiver.schemaFenceState()).currentSchemaVersion
  if (current !== undefined && toVersion !== current)
    throw new ValidationError(`The template leads to version ${current}, not to ${toVersion}.`)
  const fromVersion = opts.fromVersion ?? opts.assumeFromVersion
  if (fromVersion === undefined)
    throw new ValidationError('Say of which version the bundle is, or is to be taken for.')
  if (fromVersion > toVersion) throw new MinVersionError(fromVersion, toVersion)
  if (Number.isSafeInteger(fromVersion) && Number.isSafeInteger(toVersion)) return { fromVersion, toVersion }
  throw new ValidationError('A version is a whole number.')
}

interface Migrated {
  readonly records: Record<string, DecryptedRecord[]>
  readonly byCollection: Record<string, MigrationLabel>
}

async function migrate(
  receiver: VaultApi,
  decrypted: Incoming,
  { template, migrations = {} }: MigrateThenMergeOptions,
  versions: Versions,
): Promise<Migrated> {
  if (template !== undefined) {
    const { records, transformed } = await upgradeRecords(decrypted, template, versions.fromVersion)
    return {
      records: await stageAndValidate(receiver, records, {}),
      byCollection: labels(decrypted, versions, (name) => transformed.has(name)),
    }
  }
  const steps = Object.fromEntries(
    Object.keys(decrypted).map((name) => [name, selectSteps(migrations, name, versions)]),
  )
  return {
    records: await stageAndValidate(receiver, decrypted, steps),
    byCollection: labels(decrypted, versions, (name) => (steps[name]?.length ?? 0) > 0),
  }
}

function selectSteps(
  migrations: Readonly<Record<string, readonly MigrationStep[]>>,
  collection: string,
  { fromVersion, toVersion }: Versions,
): RecordStep[] {
  const all = Object.hasOwn(migrations, collection) ? (migrations[collection] ?? []) : []
  return all
    .filter((step) => fromVersion < step.toVersion && step.toVersion <= toVersion)
    .sort((left, right) => left.toVersion - right.toVersion)
    .map(({ transform }) => transform)
}

function labels(
  incoming: Incoming,
  { fromVersion, toVersion }: Versions,
  isTransformed: (collection: string) => boolean,
): Record<string, MigrationLabel> {
  const label = (name: string): MigrationLabel => {
    if (fromVersion === toVersion) return 'same-version'
    return isTransformed(name) ? 'transformed' : 'additive-no-transform'
  }
  return Object.fromEntries(Object.keys(incoming).map((name) => [name, label(name)]))
}
