/** What became of one record in a run of expressions. */

export interface RowFailure {
  readonly collection: string
  readonly id: string
  /** The transform that failed; 0 where the result of the whole chain does not fit, or for a rule. */
  readonly to: number
  readonly message: string
  /** Dotted place in the result, where it does not fit the schema. */
  readonly path?: string
  /** In the expression, from 1. */
  readonly position?: number
}

/** One record, by its storage id; the body is JSON. */
export interface Row {
  readonly id: string
  readonly body: unknown
}
