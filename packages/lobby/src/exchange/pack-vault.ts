/** One vault as a compartment: the extracted partition, its manifest entry, and what exactly it holds. */
import {
  decryptExtractedPartition,
  extractPartition,
  packClosure,
  type ExtractedPartition,
  type PackPartitionOptions,
} from '@noy-db/hub/bundle'
import { ValidationError } from '@noy-db/hub'
import type {
  BundleBodyFormat,
  BundleCompression,
  DecryptedRecord,
  LongWork,
  NoydbApi,
  VaultApi,
} from '@noy-db/hub'
import { compartmentEntry, disclosedName } from '../bundle/entry.ts'
import type { CompartmentManifest } from '../bundle/types.ts'
import type { WalkedVault } from '../closure/walked-vault.ts'
import { onlySignal } from '../pace.ts'

type Predicate = (record: Record<string, unknown>) => boolean | Promise<boolean>

export interface ExportVault {
  readonly vault: string
  /** Shown in the manifest before any key; default: the vault's name. `false` discloses none. */
  readonly name?: string | false
  /** Which records start the selection; what they refer to and what refers to them goes along. */
  readonly seeds?: Readonly<Record<string, Predicate>>
  /** Instead of a selection, one that was walked and read before: see `exportsOfPlan`. */
  readonly walked?: WalkedVault
  /** Whole collections, where `seeds` is absent; default: all. */
  readonly collections?: readonly string[]
  /** Narrows `collections` to these body ids. */
  readonly ids?: Readonly<Record<string, readonly string[]>>
  readonly where?: (record: Record<string, unknown>, collection: string) => boolean
  readonly fieldProjection?: Record<string, readonly string[]>
  readonly maxDepth?: number
  readonly roleTag?: string
  readonly compression?: BundleCompression
  /** Collection names with counts in the manifest; default true. */
  readonly discloseCollections?: boolean
  /** Template and version the records follow, so that a receiver that is further on can bring them along. */
  readonly template?: { readonly name: string; readonly version: number }
}

export interface PackedVault {
  readonly vault: VaultApi
  readonly entry: CompartmentManifest
  readonly bytes: Uint8Array
  readonly transferKey: Uint8Array
  /** As the receiver will read them. */
  readonly content: Readonly<Record<string, readonly DecryptedRecord[]>>
  readonly records: number
}

/** The exchange a compartment is made for. */
export interface PackedFor {
  readonly exchangeId: string
  readonly exportedAt: string
  readonly bodyFormat: BundleBodyFormat
}

export async function packVault(
  db: NoydbApi,
  input: ExportVault,
  { exportedAt, exchangeId, bodyFormat }: PackedFor,
  work?: LongWork,
): Promise<PackedVault> {
  // Never created here: a misspelt name must not leave an empty vault behind.
  const vault = await db.openVault(input.vault, { create: false })
  vault.assertCanExport('bundle')
  const { bundleBytes, transferKey } = await extract(vault, input, {
    // A body of format 1 has nothing to be bound with.
    ...(bodyFormat === 2 && { bodyFormat, exchangeId }),
    ...(input.compression !== undefined && { compression: input.compression }),
    ...(input.fieldProjection !== undefined && { fieldProjection: input.fieldProjection }),
    ...work,
  })
  // Read back rather than read again: the base has to be what was sent, whatever is written meanwhile.
  const content = await decryptExtractedPartition(bundleBytes, transferKey, onlySignal(work))
  const records = Object.values(content).reduce((sum, rows) => sum + rows.length, 0)
  const entry = await describe(vault, input, { bytes: bundleBytes, content, exportedAt })
  return { vault, entry, bytes: bundleBytes, transferKey, content, records }
}

async function extract(
  vault: VaultApi,
  input: ExportVault,
  packing: PackPartitionOptions & LongWork,
): Promise<ExtractedPartition> {
  if (input.walked !== undefined) return packClosure(vault, input.walked.closure, packing)
  return extractPartition(vault, {
    seeds: input.seeds ?? (await seedsOf(vault, input)),
    ...(input.maxDepth !== undefined && { maxDepth: input.maxDepth }),
    ...packing,
  })
}

async function seedsOf(
  vault: VaultApi,
  { collections, ids, where }: ExportVault,
): Promise<Record<string, Predicate>> {
  const present = await vault.collections()
  const unknown = (collections ?? []).filter((name) => !present.includes(name))
  if (unknown.length > 0) throw new ValidationError(`${vault.name} has no collection ${unknown.join(', ')}.`)
  const chosen = collections ?? Object.keys(ids ?? Object.fromEntries(present.map((name) => [name, []])))
  return Object.fromEntries(
    chosen.map((name) => {
      const wanted = ids !== undefined && Object.hasOwn(ids, name) ? new Set(ids[name]) : null
      const select: Predicate = (record) =>
        (wanted === null || wanted.has(String(record['id']))) && (where === undefined || where(record, name))
      return [name, select]
    }),
  )
}

interface Packed {
  readonly bytes: Uint8Array
  readonly content: PackedVault['content']
  readonly exportedAt: string
}

async function describe(
  vault: VaultApi,
  input: ExportVault,
  { bytes, content, exportedAt }: Packed,
): Promise<CompartmentManifest> {
  const counts = Object.entries(content).map(([name, rows]) => ({ name, count: rows.length }))
  return compartmentEntry(bytes, {
    exportedAt,
    roleTag: input.roleTag,
    name: disclosedName(input.name ?? true, vault.name),
    collections: input.discloseCollections === false ? undefined : counts,
    schemaVersion:
      (await input.walked?.schemaVersion()) ?? (await vault.schemaFenceState()).currentSchemaVersion,
    projection: input.fieldProjection,
    template: input.template,
  })
}
