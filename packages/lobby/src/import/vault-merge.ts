/** What a merge into one vault is given, and what it plans of one record. */
import type { KeyObject } from 'node:crypto'
import type { DecryptedRecord, VaultApi } from '@noy-db/hub'
import type { CompartmentNotes } from '../exchange/compartment-notes.ts'
import type { MessageNumber, Taken } from '../exchange/exchanged.ts'
import type { FieldAuthorityPolicy, StrategyOption, StrictnessOption } from '../interchange/types.ts'
import type { RecordRules } from '../invariants/types.ts'
import type { ImportRow, Projection } from './types.ts'

export type Incoming = Readonly<Record<string, readonly DecryptedRecord[]>>

/** Of a compiled template's collection. */
export interface NaturalKey {
  readonly naturalKey?: readonly string[] | undefined
  readonly indexes: readonly (string | readonly string[])[]
  naturalKeyOf(record: unknown): string | null
}

export interface VaultMerge {
  readonly vault: VaultApi
  readonly incoming: Incoming
  readonly strategy: StrategyOption
  readonly strictness?: StrictnessOption
  readonly fieldAuthority?: Record<string, FieldAuthorityPolicy>
  readonly party: string | null
  readonly projection?: Projection
  /** Messages of ours the sender says it took; default: it does not say. */
  readonly taken?: Taken
  /** Place of the message among its sender's. */
  readonly message?: MessageNumber
  readonly notes?: CompartmentNotes
  readonly queueKey: KeyObject
  readonly rules?: RecordRules
  /** By collection: what tells documents apart. Without it, every new id is a new document. */
  readonly naturalKeys?: Readonly<Record<string, NaturalKey>>
}

export interface PlannedRow extends ImportRow {
  /** Version here, 0 when absent. */
  readonly version: number
}

export function fieldsOf(
  projection: Projection | undefined,
  collection: string,
): readonly string[] | undefined {
  return projection !== undefined && Object.hasOwn(projection, collection)
    ? projection[collection]
    : undefined
}
