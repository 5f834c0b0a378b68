/** What both body formats have in common: where a partition comes from, and its rows once they are open. */
import type { KeyObject } from 'node:crypto'
import type { RecordMetadata } from '../types/collection.ts'
import type { CompressionName } from './compression.ts'
import type { JsonObject } from './untrusted-json.ts'

/** Made once for each extraction, before anything is sealed. */
export interface PartitionHead {
  readonly vault: string
  readonly userId: string
  /** ISO-8601. */
  readonly exportedAt: string
  /** Of the container. */
  readonly handle: string
  readonly sealId: string
  /** Null where the bundle is bound to its seal alone. */
  readonly exchangeId: string | null
  readonly transferKey: KeyObject
  readonly compression: CompressionName
}

/** Takes the rows of an extraction in bundle order, and gives the body of the container. */
export interface PartitionWriter {
  startCollection(name: string, schema: SchemaRow | null): void
  addRow(id: string, clear: RecordMetadata, body: unknown): void
  finish(signal?: AbortSignal): Promise<PackedBody>
}

export interface PackedBody {
  readonly body: Uint8Array
  /** What the container still has to do to it. */
  readonly compression: CompressionName
}

/** The row `_schemas/<collection>`. */
export interface SchemaRow {
  readonly clear: RecordMetadata
  readonly body: unknown
}

export interface OpenedRow {
  /** Storage id. */
  readonly id: string
  readonly clear: RecordMetadata
  /** As it was at the source, up to a projection. */
  readonly body: JsonObject
}

export interface OpenedCollection {
  readonly name: string
  readonly rows: readonly OpenedRow[]
  readonly schema: SchemaRow | null
}

export interface OpenedPartition {
  readonly sealId: string
  /** In bundle order. */
  readonly collections: readonly OpenedCollection[]
}
