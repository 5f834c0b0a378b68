/** A template's text as JSON, with what a JSON parser lets through in silence refused: repeated members, `__proto__`, depth. */
import { TemplateInvalidError } from './errors.ts'
import { templateLimits as limits } from './limits.ts'
import { pointer } from './pointer.ts'

/** @throws TemplateInvalidError */
export function parseTemplateText(input: string | Uint8Array): unknown {
  const text = typeof input === 'string' ? input : decode(input)
  if (text.length > limits.templateBytes || Buffer.byteLength(text) > limits.templateBytes) throw tooLarge()
  const value = parse(text)
  checkShape(value, [])
  const repeated = repeatedMember(text)
  if (repeated !== null) throw new TemplateInvalidError(repeated, 'the name is given twice')
  return value
}

function decode(bytes: Uint8Array): string {
  if (bytes.length > limits.templateBytes) throw tooLarge()
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new TemplateInvalidError('', 'it is no UTF-8 text')
  }
}

function tooLarge(): TemplateInvalidError {
  return new TemplateInvalidError('', `it has more than ${limits.templateBytes} bytes`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new TemplateInvalidError(
      '',
      `it is not JSON (${error instanceof Error ? error.message : 'no reason'})`,
    )
  }
}

function checkShape(value: unknown, path: readonly PropertyKey[]): void {
  if (typeof value !== 'object' || value === null) return
  if (path.length >= limits.templateDepth)
    throw new TemplateInvalidError(
      pointer(...path),
      `it is nested deeper than ${limits.templateDepth} levels`,
    )
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__')
      throw new TemplateInvalidError(pointer(...path, name), 'this name is not allowed anywhere')
    checkShape(member, [...path, name])
  }
}

/** An open object or list: the names so far, or how many entries. `at` is the step that leads to what comes next. */
interface Frame {
  readonly names: Set<string> | null
  at: string | number
  expectsName: boolean
}

/** JSON pointer of the first member that its object has twice, or null. The text is known to be JSON. */
function repeatedMember(text: string): string | null {
  const frames: Frame[] = []
  for (const [token] of text.matchAll(/"(?:[^"\\]+|\\.)*"|[{}[\],]/g)) {
    const frame = frames.at(-1)
    if (token === '{') frames.push({ names: new Set(), at: '', expectsName: true })
    else if (token === '[') frames.push({ names: null, at: 0, expectsName: false })
    else if (token === '}' || token === ']') frames.pop()
    else if (token === ',') advance(frame)
    else if (frame?.expectsName === true && isRepeated(frame, token))
      return pointer(...frames.map(({ at }) => at))
  }
  return null
}

function advance(frame: Frame | undefined): void {
  if (frame === undefined) return
  if (typeof frame.at === 'number') frame.at += 1
  else frame.expectsName = true
}

function isRepeated(frame: Frame, token: string): boolean {
  const name: unknown = JSON.parse(token)
  frame.at = String(name)
  frame.expectsName = false
  if (frame.names?.has(frame.at) === true) return true
  frame.names?.add(frame.at)
  return false
}
