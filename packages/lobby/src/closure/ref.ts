/** References between vaults: which of them hold where, and the ids a record has in one. */
import { ValidationError } from '@noy-db/hub'
import { isObject } from '../interchange/record-path.ts'
import { reader } from '../templates/field-values.ts'
import type { CrossVaultRef } from './types.ts'

export interface ReadRef {
  readonly ref: CrossVaultRef
  /** Texts that are not empty, and numbers as text; lists give each of theirs. */
  readonly idsIn: (record: unknown) => string[]
}

/** @throws ValidationError for a target that is not named by its id */
export function readRefs(refs: readonly CrossVaultRef[]): ReadRef[] {
  const other = refs.find(({ to }) => to.field !== undefined && to.field !== 'id')
  if (other !== undefined) {
    const { vault, collection, field } = other.to
    throw new ValidationError(
      `A reference into ${vault}/${collection} goes by "id", not by "${field ?? ''}".`,
    )
  }
  return refs.map((ref) => ({ ref, idsIn: idReader(ref.from.field) }))
}

export function holdsIn({ ref: { from } }: ReadRef, vault: string): boolean {
  return from.vault === undefined || from.vault === vault
}

function idReader(field: string): ReadRef['idsIn'] {
  const read = reader(field)
  return (record) => {
    const values = isObject(record) && Object.hasOwn(record, field) ? [record[field]] : read(record)
    return values.flat().flatMap(idOf)
  }
}

/** A blank field of a form refers to nothing. */
function idOf(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  return typeof value === 'number' ? [String(value)] : []
}
