/** The fields of a record as the table shows them: lines of a list stand together under the line they belong to. */
import type { ConflictDetailView, ConflictFieldView } from '../../../src-shared/ipc/conflicts.ts'

export interface FieldGroup {
  readonly key: string
  /** "Line 2 · Chang"; null for the fields of the record itself. */
  readonly title: string | null
  readonly fields: readonly ConflictFieldView[]
}

type Body = Readonly<Record<string, unknown>>

// The same order in which the engine looks for the member that names a line.
const lineKeys = ['id', 'lineId', 'lineNo', 'line']
const lineNames = ['description', 'name', 'title', 'product', 'account']

export function groupFields(detail: ConflictDetailView, fields: readonly ConflictFieldView[]): FieldGroup[] {
  const groups = new Map<string, ConflictFieldView[]>()
  for (const field of fields) {
    const key = lineOf(detail, field.path) ?? ''
    groups.set(key, [...(groups.get(key) ?? []), field])
  }
  return [...groups].map(([key, members]) => ({
    key,
    title: key ? lineTitle(detail, key, members) : null,
    fields: members,
  }))
}

/** `lines.2` for `lines.2.quantity`; null where the path does not lead into a list. */
function lineOf(detail: ConflictDetailView, path: string): string | null {
  const [list = '', entry] = splitPath(path)
  const isList = [detail.ours, detail.theirs, detail.base].some((side) => Array.isArray(side?.[list]))
  return isList && entry !== undefined ? `${list}.${entry}` : null
}

function lineTitle(detail: ConflictDetailView, key: string, members: readonly ConflictFieldView[]): string {
  const label = members[0]?.hint.label.split(': ')[0] ?? key
  const line = [detail.ours, detail.theirs, detail.base].map((side) => valueAt(side, key)).find(isBody)
  const name = lineNames
    .map((member) => line?.[member])
    .find((value): value is string => typeof value === 'string' && value !== '')
  return name === undefined ? label : `${label} · ${name}`
}

/** "Quantity" under "Line 2", where the whole label is "Line 2: Quantity". */
export function shortLabel(field: ConflictFieldView, inGroup: boolean): string {
  const [, ...rest] = field.hint.label.split(': ')
  return inGroup ? rest.join(': ') || 'Whole line' : field.hint.label
}

/** The value at a path of a body; lines are found by their key, as the engine finds them. */
export function valueAt(body: unknown, path: string): unknown {
  return splitPath(path).reduce(step, body)
}

function step(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return value.find((line) => isBody(line) && keyOf(line) === name) as unknown
  return isBody(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

function keyOf(line: Body): string | undefined {
  const key = lineKeys.find((candidate) => Object.hasOwn(line, candidate))
  return key === undefined ? undefined : String(line[key])
}

function isBody(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A dot inside a name is written with a backslash before it. */
function splitPath(path: string): string[] {
  return (path.match(/(?:\\.|[^\\.])+/g) ?? []).map((name) => name.replaceAll(/\\(.)/g, '$1'))
}
