/** Where our merge declarations are. */
import type { Table } from './compare.ts'

const types = { from: 'interchange/types.ts' }
const authority = { from: 'interchange/field-authority.ts' }
const errors = { from: 'errors.ts' }

export const interchange: Table = {
  FieldAuthorityRule: types,
  FieldAuthorityPolicy: types,
  FieldAuthorityInputs: types,
  FieldAuthorityPolicyMissingError: errors,
  resolveFieldAuthority: authority,
  resolveRecordByFieldAuthority: authority,
  MergeStrategy: types,
  DecryptedMergeOptions: types,
  MergeCompartmentOptions: types,
  MergeConflict: types,
  MergeReport: types,
  FieldLevelDeferredError: errors,
  mergeDecryptedRecords: { from: 'interchange/merge-records.ts' },
  mergeCompartment: { from: 'interchange/merge-compartment.ts' },
}

/** `three-way` is the one addition to a closed union that the project's rulings allow. */
export const exceptions: readonly string[] = ['MergeStrategy']
