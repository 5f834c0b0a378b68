/** One line of JSON: names given twice refused, nesting capped, numbers that would not survive kept as their digits. */
import { jsonFault, repeatedName } from '../../json-names.ts'
import type { Cell, Cells, SourceFault } from '../source/types.ts'
import { dockLimits } from '../limits.ts'

export interface ParsedLine {
  readonly cells: Cells
  readonly faults: readonly SourceFault[]
}

export function parseLine(text: string): ParsedLine {
  const fault = (code: SourceFault['code'], message: string): ParsedLine => ({
    cells: { text: text.slice(0, 200) },
    faults: [{ code, message }],
  })
  const deep = jsonFault(text, dockLimits.nesting)
  if (deep !== null) return fault('NOT_JSON', deep)
  let value: unknown
  try {
    value = JSON.parse(text, exactNumbers)
  } catch {
    return fault('NOT_JSON', 'It is no JSON.')
  }
  const repeated = repeatedName(text)
  if (repeated !== null) return fault('REPEATED_NAME', `The name ${repeated} is given twice.`)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return fault('NOT_JSON', 'It is no JSON object.')
  return { cells: flatten(value as Record<string, Cell>), faults: [] } // what JSON.parse gives
}

/** 12.10 is the text "12.10": a binary float has forgotten its last digit. Whole numbers that are exact stay numbers. */
function exactNumbers(_name: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value
  return Number.isSafeInteger(value) && /^-?\d+$/.test(context.source) ? value : context.source
}

/** Objects inside become columns of their own, `address.city`; lists stay as they are. */
function flatten(record: Readonly<Record<string, Cell>>, before = ''): Cells {
  const cells: Record<string, Cell> = {}
  for (const [name, value] of Object.entries(record)) {
    const column = before + name
    if (isObject(value)) Object.assign(cells, flatten(value, `${column}.`))
    else cells[column] = value
  }
  return cells
}

function isObject(value: Cell): value is { readonly [name: string]: Cell } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
