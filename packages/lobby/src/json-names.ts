/** What a JSON parser lets through in silence, found in the text itself: names given twice, `__proto__`, depth. */
import { pointer } from './templates/pointer.ts'

/** In words, or null. Looks at the text alone, so that nothing is built from a hostile one. */
export function jsonFault(text: string, maxDepth: number): string | null {
  let depth = 0
  for (const [token] of text.matchAll(/"(?:[^"\\]+|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth += 1
    else if (token === '}' || token === ']') depth -= 1
    if (depth > maxDepth) return `It is nested deeper than ${maxDepth} levels.`
  }
  return null
}

/** An open object or list: the names so far, or how many entries. `at` is the step that leads to what comes next. */
interface Frame {
  readonly names: Set<string> | null
  at: string | number
  expectsName: boolean
}

/** JSON pointer of the first member that its object has twice, or that is called `__proto__`; null where there is none. The text is known to be JSON. */
export function repeatedName(text: string): string | null {
  const frames: Frame[] = []
  for (const [token] of text.matchAll(/"(?:[^"\\]+|\\.)*"|[{}[\],]/g)) {
    const frame = frames.at(-1)
    if (token === '{') frames.push({ names: new Set(['__proto__']), at: '', expectsName: true })
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
