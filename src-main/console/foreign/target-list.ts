/** What a template says of the list inside its records: its lines, and what adds up to what. */
import type { CompiledCollection } from '@klum-db/lobby/templates'
import type { ForeignKind, TargetCollection } from '../../../src-shared/ipc/foreign.ts'
import { isNested } from '../../../src-shared/model/field-conversion.ts'

export type TargetField = TargetCollection['fields'][number]

export interface TargetList {
  readonly path: string
  readonly id: string
  readonly label: string
  readonly needed: boolean
}

/** The first list that has fields. A document brings lists as they are. */
export function targetList(
  { lists, fields, schema }: CompiledCollection,
  kind: ForeignKind,
): TargetList | null {
  if (kind === 'ubl' || kind === 'ofx') return null
  const found = Object.entries(lists).find(([path]) => fields.some((field) => isOfLine(field.path, path)))
  if (found === undefined) return null
  const [path, { key, label }] = found
  const needed = requiredOf(schema).includes(path) && kind !== 'jsonl'
  return { path, id: key, label: label.replace(/\{[^}]*\}/g, '').trim(), needed }
}

/** Single fields, and those of lines; lists and objects only where the kind of file has them, or a record needs them. */
export function targetFields(collection: CompiledCollection, kind: ForeignKind): TargetField[] {
  const { fields, schema } = collection
  const list = targetList(collection, kind)
  const required = requiredOf(schema)
  const own = fields
    .filter(({ path }) => !path.includes('*') && !(list?.needed === true && path === list.path))
    .map((field): TargetField => ({
      ...field,
      required: required.includes(field.path),
      ...totalOf(collection, list, field.path),
    }))
    .filter(({ type, required: needed }) => needed || kind === 'jsonl' || kind === 'ubl' || !isNested(type))
  return list === null ? own : [...own, ...lineFields(collection, list)]
}

function lineFields(
  { fields, schema }: CompiledCollection,
  { path: list, id, label }: TargetList,
): TargetField[] {
  const required = requiredOf(memberOf(memberOf(memberOf(schema, 'properties'), list), 'items'))
  return fields
    .filter(({ path }) => isOfLine(path, list))
    .map((field) => {
      const name = field.path.slice(`${list}.*.`.length)
      // Without a column, lines are counted.
      return { ...field, label: `${label}: ${field.label}`, required: required.includes(name) && name !== id }
    })
}

export function isOfLine(path: string, list: string): boolean {
  return path.startsWith(`${list}.*.`)
}

/** By the rules that add fields up: of what a field is the sum, or of which amount of lines it may be a rate. */
function totalOf(
  { rules }: CompiledCollection,
  list: TargetList | null,
  path: string,
): Pick<TargetField, 'sumOf' | 'rateOf'> {
  if (list === null) return {}
  const sums = rules.filter((rule) => rule.rule === 'sum')
  const own = sums.find(({ equals }) => equals === path)
  if (own !== undefined) return { sumOf: [...own.parts] }
  const beside = sums.find(({ parts }) => parts.includes(path))?.parts ?? []
  const ofLines = sums
    .filter(({ equals }) => beside.includes(equals))
    .flatMap(({ parts }) => parts.filter((part) => isOfLine(part, list.path)))
  return ofLines[0] === undefined ? {} : { rateOf: ofLines[0] }
}

type Members = Readonly<Record<string, unknown>>

function memberOf(schema: Members, name: string): Members {
  const member = Object.hasOwn(schema, name) ? schema[name] : undefined
  return typeof member === 'object' && member !== null ? { ...member } : {}
}

function requiredOf(schema: Members): unknown[] {
  return Array.isArray(schema['required']) ? schema['required'] : []
}
