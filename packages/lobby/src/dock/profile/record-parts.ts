/** A profile with lines taken apart: what is of the record, what of each line, and what is worked out of both. */
import type { CellConversion, FieldMapping } from './conversion.ts'
import type { MappingProfile } from './schema.ts'

export interface CellField extends FieldMapping {
  readonly from: CellConversion
}

export interface TotalField extends FieldMapping {
  readonly from: Exclude<FieldMapping['from'], CellConversion>
}

export interface RecordParts {
  readonly profile: MappingProfile
  readonly header: readonly CellField[]
  /** Their paths are those in the record, with `prefix` before. */
  readonly line: readonly CellField[]
  /** In the order in which one is made of another. */
  readonly totals: readonly TotalField[]
  readonly list: string
  readonly prefix: string
  /** The field that tells a line apart, and whether columns say it. */
  readonly id: { readonly name: string; readonly isMapped: boolean } | null
}

/** Null for a profile whose rows are records as they are. */
export function partsOf(profile: MappingProfile): RecordParts | null {
  const { lines, fields } = profile
  if (lines === undefined) return null
  const prefix = `${lines.path}.*.`
  const line = cellFields(profile).filter(({ path }) => path.startsWith(prefix))
  const { id } = lines
  return {
    profile,
    header: cellFields(profile).filter(({ path }) => !path.startsWith(prefix)),
    line,
    totals: fields.filter(isTotal),
    list: lines.path,
    prefix,
    id: id === undefined ? null : { name: id, isMapped: line.some(({ path }) => path === prefix + id) },
  }
}

/** Fields that one row's cells say. */
export function cellFields({ fields }: MappingProfile): CellField[] {
  return fields.filter(isOfCells)
}

function isOfCells(field: FieldMapping): field is CellField {
  return !isTotal(field)
}

function isTotal(field: FieldMapping): field is TotalField {
  return field.from.as === 'sum' || field.from.as === 'rate'
}
