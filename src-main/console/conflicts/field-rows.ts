/** The fields of a conflict in the template's order: those that differ as the engine found them, then the equal ones. */
import type { ConflictField } from '@klum-db/lobby'
import { type CompiledCollection, hintFor, orderOf } from '@klum-db/lobby/templates'
import type { ConflictFieldView } from '../../../src-shared/ipc/conflicts.ts'

type Body = Readonly<Record<string, unknown>>

/** `current` is the record as it is now, or the other side's where it is gone. */
export function fieldRows(
  template: CompiledCollection | undefined,
  differing: readonly ConflictField[],
  current: Body | null,
): ConflictFieldView[] {
  const paths = differing.map(({ path }) => path)
  const equal = leaves(template, current ?? {}).filter(
    ({ path }) => !paths.some((other) => overlaps(path, other)),
  )
  const equalRows = equal.map(({ path, value }): ConflictField => {
    return { path, base: value, ours: value, theirs: value, changedBy: 'none' }
  })
  return [...inOrder(template, differing), ...inOrder(template, equalRows)].map((field) => ({
    path: field.path,
    hint: hintFor(template, unescape(field.path)),
    base: field.base ?? null,
    ours: field.ours ?? null,
    theirs: field.theirs ?? null,
    changedBy: field.changedBy,
  }))
}

/** Labels of top-level fields, in the template's order. */
export function fieldLabels(template: CompiledCollection | undefined, names: readonly string[]): string[] {
  const ordered = [...names].sort((a, b) => orderOf(template, a) - orderOf(template, b))
  return ordered.map((name) => labelOf(template, name))
}

/** A top-level object has no hint of its own: its name stands for its fields. */
export function labelOf(template: CompiledCollection | undefined, name: string): string {
  return hintFor(template, unescape(name)).label
}

function inOrder(
  template: CompiledCollection | undefined,
  fields: readonly ConflictField[],
): ConflictField[] {
  const place = (field: ConflictField): number => orderOf(template, unescape(field.path))
  const line = (field: ConflictField): number => Number(field.path.split('.')[1] ?? 0) || 0
  const listOf = (field: ConflictField): string => field.path.split('.')[0] ?? ''
  return [...fields].sort((a, b) => {
    // Line by line, not column by column.
    if (listOf(a) === listOf(b) && line(a) !== line(b)) return line(a) - line(b)
    if (listOf(a) === listOf(b)) return place(a) - place(b)
    return orderOf(template, listOf(a)) - orderOf(template, listOf(b)) || place(a) - place(b)
  })
}

interface Leaf {
  readonly path: string
  readonly value: unknown
}

/** Single values by path, spelt as the engine spells them; a list without a named key is one value. */
function leaves(template: CompiledCollection | undefined, record: Body): Leaf[] {
  const { id: _storageId, ...fields } = record
  return Object.entries(fields).flatMap(([name, value]) => {
    const key = template?.lists[name]?.key
    if (Array.isArray(value) && key !== undefined && value.every((line) => hasKey(line, key))) {
      return value.flatMap((line: Body) => below(line, joined(escape(name), String(line[key]))))
    }
    return isObject(value) ? below(value, escape(name)) : [{ path: escape(name), value }]
  })
}

function below(value: Body, path: string): Leaf[] {
  return Object.entries(value).flatMap(([name, inner]) => {
    const here = joined(path, name)
    return isObject(inner) ? below(inner, here) : [{ path: here, value: inner }]
  })
}

function overlaps(path: string, other: string): boolean {
  return path === other || path.startsWith(`${other}.`) || other.startsWith(`${path}.`)
}

function hasKey(line: unknown, key: string): boolean {
  return isObject(line) && (typeof line[key] === 'number' || typeof line[key] === 'string')
}

function joined(parent: string, step: string): string {
  return `${parent}.${escape(step)}`
}

function escape(step: string): string {
  return step.replaceAll(/[\\.]/g, '\\$&')
}

function unescape(path: string): string {
  return path.replaceAll(/\\(.)/g, '$1')
}

function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
