/** A template's text as JSON, with what a JSON parser lets through in silence refused: repeated members, `__proto__`, depth. */
import { repeatedName } from '../json-names.ts'
import { TemplateInvalidError } from './errors.ts'
import { templateLimits as limits } from './limits.ts'
import { pointer } from './pointer.ts'

/** @throws TemplateInvalidError */
export function parseTemplateText(input: string | Uint8Array): unknown {
  const text = typeof input === 'string' ? input : decode(input)
  if (text.length > limits.templateBytes || Buffer.byteLength(text) > limits.templateBytes) throw tooLarge()
  const value = parse(text)
  checkShape(value, [])
  const repeated = repeatedName(text)
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
