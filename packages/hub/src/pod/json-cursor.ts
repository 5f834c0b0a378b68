/**
 * JSON from outside that is too long to parse in one turn: objects are entered, their members taken one by one.
 * Values are cut out by their brackets and quotes and handed to JSON.parse, and all that stands between them is
 * checked here, so what is accepted is what JSON.parse would accept of the whole. Nesting is measured on the
 * way. Of a repeated member the reader sees each; keep the last one, as JSON.parse does.
 */
import { BundleIntegrityError } from '../errors.ts'
import { endOfString, isEscaped } from './untrusted-json.ts'

/** Characters of a long text that are parsed at once. */
const PIECE = 64 * 1024

const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const END = -1

export class JsonCursor {
  readonly #text: string
  readonly #what: string
  readonly #maxDepth: number
  #at = 0
  #depth = 0
  /** Right behind an opening brace, where no comma stands. */
  #isFresh = false

  /** `what` names the text in errors. All methods throw BundleIntegrityError. */
  constructor(text: string, what: string, maxDepth: number) {
    this.#text = text
    this.#what = what
    this.#maxDepth = maxDepth
  }

  /** Into the object that stands here. */
  enter(): void {
    this.#expect(OPEN_BRACE)
    this.#depth += 1
    if (this.#depth > this.#maxDepth) throw this.#tooDeep()
    this.#isFresh = true
  }

  /** Takes the name of the next member, whose value then stands here; null when the object has ended. */
  member(): string | null {
    if (this.#next() === CLOSE_BRACE) {
      this.#at += 1
      this.#depth -= 1
      this.#isFresh = false
      return null
    }
    if (!this.#isFresh) this.#expect(COMMA)
    this.#isFresh = false
    if (this.#next() !== QUOTE) throw this.#noJson()
    const name = String(this.#take(endOfString(this.#text, this.#at + 1) + 1))
    this.#expect(COLON)
    return name
  }

  /** Takes the value that stands here, whole. */
  value(): unknown {
    const first = this.#next()
    if (first === QUOTE) return this.#take(endOfString(this.#text, this.#at + 1) + 1)
    return this.#take(
      first === OPEN_BRACE || first === OPEN_BRACKET ? this.#endOfNested() : this.#endOfPlain(),
    )
  }

  /** Takes the text that stands here, in pieces. */
  *pieces(): Generator<string> {
    this.#expect(QUOTE)
    let from = this.#at
    let quote = this.#text.indexOf('"', from)
    while (quote !== -1 && isEscaped(this.#text, quote)) {
      if (quote - from >= PIECE) {
        yield String(this.#parse(`"${this.#text.slice(from, quote + 1)}"`))
        from = quote + 1
      }
      quote = this.#text.indexOf('"', quote + 1)
    }
    if (quote === -1) throw this.#noJson()
    this.#at = quote + 1
    yield String(this.#parse(`"${this.#text.slice(from, quote)}"`))
  }

  /** Nothing may follow. */
  end(): void {
    if (this.#next() !== END) throw this.#noJson()
  }

  #endOfNested(): number {
    let depth = 0
    for (let at = this.#at; at < this.#text.length; at += 1) {
      const unit = this.#text.charCodeAt(at)
      if (unit === QUOTE) at = endOfString(this.#text, at + 1)
      else if (unit === OPEN_BRACE || unit === OPEN_BRACKET) {
        depth += 1
        if (this.#depth + depth > this.#maxDepth) throw this.#tooDeep()
      } else if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) {
        depth -= 1
        if (depth === 0) return at + 1
      }
    }
    throw this.#noJson()
  }

  /** A number, true, false or null goes to the next comma or brace. */
  #endOfPlain(): number {
    let at = this.#at
    for (; at < this.#text.length; at += 1) {
      const unit = this.#text.charCodeAt(at)
      if (unit === COMMA || unit === CLOSE_BRACE) break
    }
    return at
  }

  #take(end: number): unknown {
    const value = this.#parse(this.#text.slice(this.#at, end))
    this.#at = end
    return value
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text)
    } catch (cause) {
      throw Object.assign(this.#noJson(), { cause })
    }
  }

  #expect(unit: number): void {
    if (this.#next() !== unit) throw this.#noJson()
    this.#at += 1
  }

  /** The unit that stands here behind JSON's four kinds of space; `END` at the end. */
  #next(): number {
    for (; this.#at < this.#text.length; this.#at += 1) {
      const unit = this.#text.charCodeAt(this.#at)
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return unit
    }
    return END
  }

  #noJson(): BundleIntegrityError {
    return new BundleIntegrityError(`${this.#what} is not the JSON object it should be.`)
  }

  #tooDeep(): BundleIntegrityError {
    return new BundleIntegrityError(`${this.#what} is nested deeper than ${this.#maxDepth} levels.`)
  }
}
