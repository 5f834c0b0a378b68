/** Standard Schema v1, the part the hub uses (https://standardschema.dev), and what a collection declares. */
import type { LongWork } from './collection.ts'

export interface StandardIssue {
  readonly message: string
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined
}

export type StandardResult<Out> =
  { readonly value: Out; readonly issues?: undefined } | { readonly issues: readonly StandardIssue[] }

export interface StandardSchemaV1<In = unknown, Out = In> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<Out> | Promise<StandardResult<Out>>
    readonly types?: { readonly input: In; readonly output: Out } | undefined
    /** Standard JSON Schema: what the validator takes and gives, described. */
    readonly jsonSchema?: {
      input(options: { readonly target: string }): Record<string, unknown>
      output(options: { readonly target: string }): Record<string, unknown>
    }
  }
}

export type IndexDef = string | readonly string[] | { readonly fields: readonly string[] }

export type RefMode = 'strict' | 'warn' | 'cascade'

export interface RefDescriptor {
  readonly target: string
  readonly mode: RefMode
}

export interface SchemaDelta {
  collection: string
  kind: 'none' | 'additive' | 'non-additive'
  added: readonly string[]
  removed: readonly string[]
  changed: readonly { field: string; requiredChanged: boolean; shapeChanged: boolean }[]
}

/** Old record to new record; the argument is the caller's own copy. */
export type RecordTransform = (doc: Record<string, unknown>) => Record<string, unknown>

/**
 * The same for transforms that cannot be synchronous (an expression language in a worker): up to 100 old
 * records at a time with their ids, the new ones in the same order. Called behind the fence, before anything is written.
 */
export type PrepareRecords = (
  docs: readonly Record<string, unknown>[],
  ids: readonly string[],
) => Promise<readonly Record<string, unknown>[]>

/** Exactly one of the two. */
export type CoordinatedCutoverOptions =
  | { readonly transform: RecordTransform; readonly prepare?: undefined }
  | { readonly prepare: PrepareRecords; readonly transform?: undefined }

export type UpdateDecision =
  | { action: 'allow' }
  | { action: 'reject'; error: Error }
  | ({ action: 'cutover' } & CoordinatedCutoverOptions)

export interface CutoverOptions extends LongWork {
  /** Milliseconds that writes already under way in this vault are waited for. Default 30 000. */
  quiesceTimeout?: number
}

export interface CutoverResult {
  /** Collections. */
  readonly migrated: number
  readonly recordsMigrated: number
}

export interface SchemaUpdateContext {
  readonly collection: string
  /** The JSON Schema the stored records were written under, annotations included. */
  readonly stored: Readonly<Record<string, unknown>>
}

export interface SchemaUpdateStrategy {
  readonly name: string
  onSchemaDelta(delta: SchemaDelta, ctx: SchemaUpdateContext): UpdateDecision | Promise<UpdateDecision>
}

export type FenceState = 'normal' | 'draining' | 'migrating' | 'complete'

/** Options of `vault.collection()`; the first declaration of a session wins. */
export interface CollectionOptions<T> {
  indexes?: IndexDef[]
  /** The one option that a later declaration may still bring, as long as none has brought any. */
  refs?: Record<string, RefDescriptor>
  schema?: StandardSchemaV1<unknown, T>
  /** Compare the schema's JSON Schema with the stored one, in the background, and keep it. */
  persistJsonSchema?: boolean
  /** What to do where the two differ; the first that does not allow it decides. Needs `persistJsonSchema`. */
  schemaUpdate?: readonly SchemaUpdateStrategy[]
  /** Store `source` and `sourceTs` of a put in the envelope. */
  provenance?: boolean
  prefetch?: boolean
  /** Never hydrate: one-row reads and writes, asynchronous query terminals only. */
  large?: boolean
}
