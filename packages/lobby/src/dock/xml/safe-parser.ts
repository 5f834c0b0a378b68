/** An XML parser for files from outside: no document type, hence no entities, no external anything; nesting and size capped. */
import { SaxesParser } from 'saxes'
import { dockLimits } from '../limits.ts'
import { beyond, invalid } from '../source/error.ts'

export interface XmlTag {
  /** Without its prefix. */
  readonly name: string
  /** Namespace URI; empty without one. */
  readonly uri: string
  /** By local name; namespaced ones are left out unless asked for by `prefix:name`. */
  readonly attributes: Readonly<Record<string, string>>
}

export interface XmlEvents {
  open(tag: XmlTag): void
  text?(text: string): void
  close?(name: string): void
}

export interface SafeParser {
  write(text: string): void
  /** @throws SourceError where the document is not complete */
  end(): void
}

/** What may stand before the root element. */
const PROLOG_CHARS = 64 * 1024

/** Any `write` may throw a SourceError. */
export function safeXmlParser(events: XmlEvents): SafeParser {
  const parser = new SaxesParser({ xmlns: true })
  let depth = 0
  let elements = 0
  parser.on('error', (error) => {
    throw invalid('The XML is not well formed.', { line: lineOf(error.message) })
  })
  parser.on('doctype', () => {
    throw doctypeRefused()
  })
  parser.on('opentag', ({ local, uri, attributes }) => {
    if ((depth += 1) > dockLimits.nesting)
      throw beyond(`The XML is nested deeper than ${dockLimits.nesting} levels.`)
    if ((elements += 1) > dockLimits.elements)
      throw beyond(`The XML has more than ${dockLimits.elements} elements.`)
    const own = Object.values(attributes).map(({ name, value }): [string, string] => [name, value])
    events.open({ name: local, uri, attributes: Object.fromEntries(own) })
  })
  parser.on('text', (text) => events.text?.(text))
  parser.on('cdata', (text) => events.text?.(text))
  parser.on('closetag', ({ local }) => {
    depth -= 1
    events.close?.(local)
  })
  return guarded(parser, () => elements > 0)
}

/** The prolog is looked at before the parser gets it: a document type is refused unread, however long it is. */
function guarded(parser: SaxesParser<{ xmlns: true }>, started: () => boolean): SafeParser {
  let prolog: string | null = ''
  const release = (): void => {
    if (prolog !== null) parser.write(prolog)
    prolog = null
  }
  return {
    write(text) {
      if (prolog === null) return void parser.write(text)
      prolog += text
      const root = rootAt(prolog)
      if (root === null && prolog.length > PROLOG_CHARS) throw invalid('There is no XML element in the file.')
      if (root !== null) release()
    },
    end() {
      release()
      parser.close()
      if (!started()) throw invalid('There is no XML element in the file.')
    },
  }
}

/** Where the root element starts; null while it is not there. @throws SourceError at a document type */
function rootAt(prolog: string): number | null {
  const before = prolog.replaceAll(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>/g, (found) => ' '.repeat(found.length))
  if (/<!(?:DOCTYPE|ENTITY|\[)/i.test(before)) throw doctypeRefused()
  const found = before.search(/<[^!?]/)
  return found === -1 ? null : found
}

function doctypeRefused(): Error {
  return invalid('The XML declares a document type or entities; such files are not read.')
}

function lineOf(message: string): number {
  return Number(/^(?:[^:]*:)?(\d+):\d+:/.exec(message)?.[1] ?? 1)
}
