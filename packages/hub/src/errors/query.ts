/** Queries and joins that cannot be answered. */
import { NoydbError } from './base.ts'

/** A join met a strict reference whose target is missing. */
export class DanglingReferenceError extends NoydbError {
  readonly field: string
  readonly target: string
  readonly refId: string

  constructor(detail: { field: string; target: string; refId: string; message: string }) {
    super('DANGLING_REFERENCE', detail.message)
    this.field = detail.field
    this.target = detail.target
    this.refId = detail.refId
  }
}

/** One side of a join holds more rows than allowed. */
export class JoinTooLargeError extends NoydbError {
  readonly leftRows: number
  readonly rightRows: number
  readonly maxRows: number
  readonly side: 'left' | 'right'

  constructor(detail: {
    leftRows: number
    rightRows: number
    maxRows: number
    side: 'left' | 'right'
    message: string
  }) {
    super('JOIN_TOO_LARGE', detail.message)
    this.leftRows = detail.leftRows
    this.rightRows = detail.rightRows
    this.maxRows = detail.maxRows
    this.side = detail.side
  }
}

/** Grouping by this field makes more groups than allowed. */
export class GroupCardinalityError extends NoydbError {
  readonly field: string
  readonly cardinality: number
  readonly maxGroups: number

  constructor(field: string, cardinality: number, maxGroups: number) {
    super(
      'GROUP_CARDINALITY',
      `Grouping by ${field} makes ${cardinality} groups; at most ${maxGroups} are kept.`,
    )
    this.field = field
    this.cardinality = cardinality
    this.maxGroups = maxGroups
  }
}
