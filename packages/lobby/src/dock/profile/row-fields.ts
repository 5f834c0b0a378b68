/** The fields that one row's cells say, and the id that its key makes. */
import { createHash } from 'node:crypto'
import type { Cell, Cells } from '../source/types.ts'
import { convert, plainText } from './convert.ts'
import type { MappedFault } from './mapped-row.ts'
import type { CellField } from './record-parts.ts'
import type { MappingProfile } from './schema.ts'

/** Undefined where nothing stands, which may be a fault too. */
export interface Taken {
  readonly value?: Cell
  readonly fault?: MappedFault
}

export function takeField({ path, from }: CellField, cells: Cells, profile: MappingProfile): Taken {
  const { value, fault } = { value: undefined, fault: undefined, ...convert(from, cells, profile) }
  if (fault !== undefined)
    return { fault: { code: 'CELL', message: fault, column: columnOf(path, from), field: path } }
  return value === undefined ? {} : { value }
}

export function columnOf(path: string, from: CellField['from']): string {
  return 'column' in from ? from.column : path
}

export function missing(path: string): MappedFault {
  return { code: 'MISSING', message: `${path} is missing.`, column: path, field: path }
}

export interface Recorded {
  readonly record: Record<string, Cell>
  readonly faults: MappedFault[]
}

/** `prefix` of the fields' paths stays outside the record. */
export function recordOf(
  fields: readonly CellField[],
  cells: Cells,
  profile: MappingProfile,
  prefix = '',
): Recorded {
  const record: Record<string, Cell> = {}
  const faults: MappedFault[] = []
  for (const field of fields) {
    const { value, fault } = takeField(field, cells, profile)
    if (fault !== undefined) faults.push(fault)
    else if (value !== undefined) setAt(record, field.path.slice(prefix.length), value)
    else if (field.required) faults.push(missing(field.path))
  }
  return { record, faults }
}

export function setAt(record: Record<string, Cell>, path: string, value: Cell): void {
  const steps = path.split('.')
  const last = steps.pop() ?? path
  let at = record
  for (const step of steps) {
    const inner = Object.hasOwn(at, step) ? at[step] : undefined
    const next = isRecord(inner) ? { ...inner } : {}
    at[step] = next
    at = next
  }
  at[last] = value
}

function isRecord(value: Cell | undefined): value is { readonly [name: string]: Cell } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The same key of the same source gives the same id, whichever file it comes in. Ids are readable in the store, keys are not. */
export function rowId(cells: Cells, profile: MappingProfile): string | null {
  const parts = profile.key.map((column) => plainText(cells[column], profile))
  if (parts.some((part) => part === null || part === '')) return null
  const hash = createHash('sha256')
    .update(JSON.stringify([profile.id, ...parts]))
    .digest('hex')
  return `${profile.id}-${hash.slice(0, 32)}`
}

export function keyless({ key }: MappingProfile): MappedFault {
  return { code: 'MISSING', message: `The key (${key.join(', ')}) is not complete.` }
}
