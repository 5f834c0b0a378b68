/**
 * Comparing JSON values. Both sides are compared as JSON would write them (undefined members are absent,
 * a Date is its text), because a cached record may hold what a decrypted one cannot. Key order is nothing.
 */

export interface FieldDiff {
  /** Steps joined by dots, array positions included: `lines.2.amount`. Empty for the whole value. */
  readonly path: string
  readonly type: 'added' | 'removed' | 'changed'
  readonly from?: unknown
  readonly to?: unknown
}

/** A difference with the exact way to it, also where names hold dots. */
export interface FieldChange extends FieldDiff {
  readonly steps: readonly string[]
}

export function jsonEquals(left: unknown, right: unknown): boolean {
  if (left === right) return true
  const a = jsonView(left)
  const b = jsonView(right)
  if (!isComposite(a) || !isComposite(b)) return a === b
  if (Array.isArray(a) || Array.isArray(b)) return arraysEqual(a, b)
  return membersEqual(a, b)
}

/** Differences of members and elements, in the order of `before`, then what only `after` has. */
export function diffFields(before: unknown, after: unknown): FieldChange[] {
  const found: FieldChange[] = []
  collect(before, after, [], found)
  return found
}

function collect(before: unknown, after: unknown, steps: readonly string[], found: FieldChange[]): void {
  if (before === after) return
  const a = jsonView(before)
  const b = jsonView(after)
  if (isComposite(a) && isComposite(b) && Array.isArray(a) === Array.isArray(b)) {
    const names = new Set([...jsonKeys(a), ...jsonKeys(b)])
    for (const name of names) collect(member(a, name), member(b, name), [...steps, name], found)
  } else if (a !== b) {
    found.push(change(a, b, steps))
  }
}

function change(from: unknown, to: unknown, steps: readonly string[]): FieldChange {
  const path = steps.join('.')
  if (from === undefined) return { path, steps, type: 'added', to }
  if (to === undefined) return { path, steps, type: 'removed', from }
  return { path, steps, type: 'changed', from, to }
}

function arraysEqual(a: Composite, b: Composite): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false
  // An absent element is null in JSON, unlike an absent member.
  return a.every((element, at) => jsonEquals(element ?? null, b[at] ?? null))
}

function membersEqual(a: Composite, b: Composite): boolean {
  const keys = jsonKeys(a)
  return keys.length === jsonKeys(b).length && keys.every((key) => jsonEquals(member(a, key), member(b, key)))
}

type Composite = object

function isComposite(value: unknown): value is Composite {
  return typeof value === 'object' && value !== null
}

/** What JSON writes for the value itself; members are viewed as they are reached. */
function jsonView(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (isComposite(value) && hasToJson(value)) return value.toJSON()
  return value
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function'
}

function jsonKeys(value: Composite): string[] {
  return Object.keys(value).filter((key) => member(value, key) !== undefined)
}

/** An own member as JSON sees it; a name never reaches the prototype. */
function member(value: Composite, name: string): unknown {
  if (!Object.hasOwn(value, name)) return undefined
  const seen = jsonView((value as Record<string, unknown>)[name]) // an own member, checked above
  return seen === undefined && Array.isArray(value) ? null : seen
}
