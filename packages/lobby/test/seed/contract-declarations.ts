/**
 * Signatures that the contract fixes and the published declarations at hand do not have: sections 1.3 (closure, older bundles) and
 * 1.4 (container), written out as declarations. It says nothing of what may be changed in place; a vault that is only read is taken
 * by its interface, which the class fits.
 */
import { parseDeclarations } from './read-seed.ts'
import type { Table } from './compare.ts'

const text = `
import { Vault, VaultApi, BundleCompression, PublicEnvelope, WriteNoydbBundleOptions } from '@noy-db/hub'
import { ExtractionPreview } from '@noy-db/hub/bundle'
import { MergeCompartmentOptions, MergeReport } from '../../src/interchange/types.ts'

interface CrossVaultRef {
  readonly from: { readonly collection: string; readonly field: string }
  readonly to: { readonly vault: string; readonly collection: string; readonly field?: string }
}
interface CrossVaultSeed {
  readonly vault: string
  readonly seeds: Record<string, (record: Record<string, unknown>) => boolean | Promise<boolean>>
}
interface CrossVaultClosurePlan {
  perVaultSeeds: Map<string, Record<string, (record: Record<string, unknown>) => boolean | Promise<boolean>>>
  perVaultClosure: Map<string, Map<string, Set<string>>>
  dangling: { vault: string; collection: string; id: string }[]
}
interface CompartmentMeta {
  roleTag?: string
  disclose?: { name?: boolean | string; collections?: boolean }
}
interface ExtractCrossVaultOptions {
  seed: CrossVaultSeed
  crossVaultRefs?: readonly CrossVaultRef[]
  maxDepth?: number
  carrySchemas?: boolean
  carryLedger?: boolean
  compression?: BundleCompression
  compartmentMeta?: Record<string, CompartmentMeta>
}
interface ExtractCrossVaultResult {
  bundle: Uint8Array
  transferKeys: Record<string, Uint8Array>
  sealIds: Record<string, string>
}
interface CrossVaultPreview {
  compartments: { vault: string; preview: ExtractionPreview }[]
  dangling: { vault: string; collection: string; id: string }[]
}
declare class CrossVaultDanglingRefError extends Error {
  readonly dangling: { vault: string; collection: string; id: string }[]
  constructor(dangling: { vault: string; collection: string; id: string }[])
}
declare function walkCrossVaultClosure(
  openVault: (name: string) => Promise<Vault>,
  opts: { seed: CrossVaultSeed; crossVaultRefs?: readonly CrossVaultRef[]; maxDepth?: number },
): Promise<CrossVaultClosurePlan>
declare function extractCrossVaultPartition(
  openVault: (name: string) => Promise<Vault>,
  opts: ExtractCrossVaultOptions,
): Promise<ExtractCrossVaultResult>
declare function describeCrossVaultExtraction(
  openVault: (name: string) => Promise<Vault>,
  opts: { seed: CrossVaultSeed; crossVaultRefs?: readonly CrossVaultRef[]; maxDepth?: number },
): Promise<CrossVaultPreview>
interface MigrationStep {
  readonly toVersion: number
  readonly transform: (record: Record<string, unknown>) => Record<string, unknown>
}
type MigrateThenMergeOptions = MergeCompartmentOptions & {
  fromVersion?: number
  assumeFromVersion?: number
  toVersion?: number
  migrations?: Record<string, readonly MigrationStep[]>
}
type MigrateThenMergeReport = MergeReport & {
  migration: {
    fromVersion: number
    toVersion: number
    byCollection: Record<string, 'transformed' | 'additive-no-transform' | 'same-version'>
  }
}
declare class MinVersionError extends Error {
  constructor(fromVersion: number, toVersion: number)
}
declare class MigrationTransformRequiredError extends Error {
  constructor(collection: string, cause?: unknown)
}
declare function migrateThenMerge(
  receiver: Vault,
  compartmentBytes: Uint8Array,
  opts: MigrateThenMergeOptions,
): Promise<MigrateThenMergeReport>
interface CompartmentManifest {
  handle: string
  roleTag?: string
  exportedAt?: string
  name?: string
  collections?: readonly { name: string; count: number }[]
  publicEnvelope?: PublicEnvelope
  innerBytes: number
  innerSha256: string
  schemaVersion?: number
}
interface MultiBundleManifest {
  multiFormatVersion: 1
  handle: string
  compartments: readonly CompartmentManifest[]
}
interface MultiVaultCompartmentInput {
  vault: VaultApi
  roleTag?: string
  exportedAt?: string
  disclose?: { name?: boolean | string; collections?: boolean; publicEnvelope?: boolean }
  bundleOptions?: WriteNoydbBundleOptions
}
declare function encodeMultiBundle(manifest: MultiBundleManifest, inner: readonly Uint8Array[]): Uint8Array
declare function decodeMultiBundle(bytes: Uint8Array): { manifest: MultiBundleManifest; inner: Uint8Array[] }
declare function writeMultiVaultBundle(
  compartments: readonly MultiVaultCompartmentInput[],
  opts?: { handle?: string },
): Promise<Uint8Array>
declare function readNoydbBundleManifest(bytes: Uint8Array): Promise<CompartmentManifest[]>
declare function readMultiVaultBundleCompartment(bytes: Uint8Array, selector: string | number): Uint8Array
`

export const contract = parseDeclarations(text)

const closure = { from: 'closure/types.ts' }
const walk = { from: 'closure/walk.ts' }
const older = { from: 'interchange/migrate-then-merge.ts' }
const errors = { from: 'interchange/migration-errors.ts' }
const bundle = { from: 'bundle/types.ts' }
const container = { from: 'bundle/container.ts' }
const reading = { from: 'bundle/read.ts' }

export const contractTable: Table = {
  CrossVaultRef: closure,
  CrossVaultSeed: closure,
  CrossVaultClosurePlan: closure,
  CompartmentMeta: closure,
  ExtractCrossVaultOptions: closure,
  ExtractCrossVaultResult: closure,
  CrossVaultPreview: closure,
  CrossVaultDanglingRefError: { from: 'closure/error.ts' },
  walkCrossVaultClosure: walk,
  extractCrossVaultPartition: { from: 'closure/extract.ts' },
  describeCrossVaultExtraction: { from: 'closure/describe.ts' },
  MigrationStep: older,
  MigrateThenMergeOptions: older,
  MigrateThenMergeReport: older,
  MinVersionError: errors,
  MigrationTransformRequiredError: errors,
  migrateThenMerge: older,
  CompartmentManifest: bundle,
  MultiBundleManifest: bundle,
  MultiVaultCompartmentInput: bundle,
  encodeMultiBundle: container,
  decodeMultiBundle: container,
  writeMultiVaultBundle: { from: 'bundle/write.ts' },
  readNoydbBundleManifest: reading,
  readMultiVaultBundleCompartment: reading,
}
