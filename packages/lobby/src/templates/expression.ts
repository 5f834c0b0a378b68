/**
 * JSONata as templates may use it: parsed, and refused with the place where it asks for something that is not offered.
 * What gives another result each time ($now, $millis, $random, $shuffle) or runs text as code ($eval) is not offered.
 */
import jsonata from 'jsonata'
import { decimalFunctionNames } from './runner/decimal-functions.ts'
import { TemplateInvalidError } from './errors.ts'
import { templateLimits } from './limits.ts'

const offered: ReadonlySet<string> = new Set([
  ...['string', 'length', 'substring', 'substringBefore', 'substringAfter', 'uppercase', 'lowercase', 'trim'],
  ...['pad', 'contains', 'split', 'join', 'match', 'replace', 'base64encode', 'base64decode'],
  ...['encodeUrlComponent', 'encodeUrl', 'decodeUrlComponent', 'decodeUrl'],
  ...['number', 'abs', 'floor', 'ceil', 'round', 'power', 'sqrt', 'formatNumber', 'formatBase'],
  ...['formatInteger', 'parseInteger', 'sum', 'max', 'min', 'average'],
  ...['boolean', 'not', 'exists', 'count', 'append', 'sort', 'reverse', 'distinct', 'zip'],
  ...['keys', 'lookup', 'spread', 'merge', 'sift', 'each', 'error', 'assert', 'type', 'clone'],
  ...['map', 'filter', 'single', 'reduce', 'toMillis', 'fromMillis'],
  ...decimalFunctionNames,
])

/** Named so that the refusal can say why. */
const refused: ReadonlyMap<string, string> = new Map([
  ['eval', 'runs text as code'],
  ['now', 'gives another result each time'],
  ['millis', 'gives another result each time'],
  ['random', 'gives another result each time'],
  ['shuffle', 'gives another result each time'],
])

/** Names an expression is never given; the worker binds them to a refusal as well. */
export const refusedNames: readonly string[] = [...refused.keys()]

/** @throws TemplateInvalidError with the position of the first fault */
export function checkExpression(text: string, path: string): void {
  if (text.length > templateLimits.expressionChars)
    throw new TemplateInvalidError(path, `it has more than ${templateLimits.expressionChars} characters`)
  const found = namesIn(parse(text, path))
  for (const { name, position } of found.used) {
    const reason = refused.get(name)
    if (reason !== undefined)
      throw new TemplateInvalidError(path, `$${name} ${reason} (at ${position})`, position)
    if (name !== '' && name !== '$' && !offered.has(name) && !found.bound.has(name))
      throw new TemplateInvalidError(path, `there is no $${name} (at ${position})`, position)
  }
}

function parse(text: string, path: string): unknown {
  try {
    return jsonata(text).ast()
  } catch (error) {
    const { message, position } = readFault(error)
    throw new TemplateInvalidError(path, `${message} (at ${position})`, position)
  }
}

/** jsonata throws plain objects; a text nested without end overflows its parser instead. */
function readFault(error: unknown): { message: string; position: number } {
  if (error instanceof RangeError) return { message: 'it is nested too deeply', position: 0 }
  const fault = typeof error === 'object' && error !== null ? error : {}
  const message =
    'message' in fault && typeof fault.message === 'string' ? fault.message : 'it does not parse'
  const position = 'position' in fault && typeof fault.position === 'number' ? fault.position : 0
  return { message, position }
}

interface Names {
  readonly used: { readonly name: string; readonly position: number }[]
  /** By `:=`, as a parameter, or by `@` and `#`. */
  readonly bound: Set<string>
}

function namesIn(tree: unknown): Names {
  const names: Names = { used: [], bound: new Set() }
  const seen = new Set<object>()
  const open: unknown[] = [tree]
  while (open.length > 0) {
    const node = open.pop()
    if (typeof node !== 'object' || node === null || seen.has(node)) continue
    seen.add(node)
    collect(node, names)
    for (const inner of Object.values(node)) open.push(inner)
  }
  names.used.sort((a, b) => a.position - b.position)
  return names
}

/** The members of a syntax node that matter here; jsonata's own types leave most of them out. */
interface Node {
  readonly type?: unknown
  readonly value?: unknown
  readonly position?: unknown
  readonly lhs?: Node
  readonly arguments?: readonly Node[]
  readonly focus?: unknown
  readonly index?: unknown
}

function collect(node: Node, names: Names): void {
  if (node.type === 'variable' && typeof node.value === 'string')
    names.used.push({ name: node.value, position: typeof node.position === 'number' ? node.position : 0 })
  if (node.type === 'bind') bind(names, node.lhs?.value)
  if (node.type === 'lambda') node.arguments?.forEach(({ value }) => bind(names, value))
  bind(names, node.focus)
  bind(names, node.index)
}

function bind(names: Names, name: unknown): void {
  if (typeof name === 'string' && !refused.has(name)) names.bound.add(name)
}
