/** Standard Schema v1, the part the hub uses (https://standardschema.dev), and what a collection declares. */

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

export type UpdateDecision =
  | { action: 'allow' }
  | { action: 'reject'; error: Error }
  | { action: 'cutover'; transform: (doc: Record<string, unknown>) => Record<string, unknown> }

export interface SchemaUpdateStrategy {
  readonly name: string
  onSchemaDelta(delta: SchemaDelta, ctx: { collection: string }): UpdateDecision | Promise<UpdateDecision>
}

export type FenceState = 'normal' | 'draining' | 'migrating' | 'complete'

/** Options of `vault.collection()`; the first declaration of a session wins. */
export interface CollectionOptions<T> {
  indexes?: IndexDef[]
  refs?: Record<string, RefDescriptor>
  schema?: StandardSchemaV1<unknown, T>
  persistJsonSchema?: boolean
  schemaUpdate?: readonly SchemaUpdateStrategy[]
  /** Store `source` and `sourceTs` of a put in the envelope. */
  provenance?: boolean
  prefetch?: boolean
  /** Never hydrate: one-row reads and writes, asynchronous query terminals only. */
  large?: boolean
}
