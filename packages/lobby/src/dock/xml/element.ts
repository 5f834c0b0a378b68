/** A small document as a tree: elements by local name, with their text and their place. */
import { invalid } from '../source/error.ts'
import { decodeText, markedEncoding } from '../source/text.ts'
import { readWhole } from '../source/open.ts'
import type { Encoding, ForeignSource } from '../source/types.ts'
import { safeXmlParser } from './safe-parser.ts'

export interface XmlElement {
  readonly name: string
  readonly uri: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  /** Its own text, trimmed; of an element with children usually empty. */
  readonly text: string
  /** From the root: `Invoice/InvoiceLine[2]`. */
  readonly path: string
}

interface Building extends XmlElement {
  readonly children: Building[]
  text: string
  readonly counts: Map<string, number>
}

/** @throws SourceError */
export async function readXml(source: ForeignSource): Promise<XmlElement> {
  return parseXml(await xmlText(await readWhole(source)))
}

export function parseXml(text: string): XmlElement {
  const open: Building[] = []
  let root: Building | undefined
  const parser = safeXmlParser({
    open({ name, uri, attributes }) {
      const parent = open.at(-1)
      const element: Building = {
        name,
        uri,
        attributes,
        children: [],
        text: '',
        path: pathOf(parent, name),
        counts: new Map(),
      }
      parent?.children.push(element)
      root ??= element
      open.push(element)
    },
    text(piece) {
      const element = open.at(-1)
      if (element !== undefined) element.text += piece
    },
    close() {
      const element = open.pop()
      if (element !== undefined) element.text = element.text.trim()
    },
  })
  parser.write(text)
  parser.end()
  if (root === undefined) throw invalid('There is no XML element in the file.')
  return root
}

function pathOf(parent: Building | undefined, name: string): string {
  if (parent === undefined) return name
  const count = (parent.counts.get(name) ?? 0) + 1
  parent.counts.set(name, count)
  return `${parent.path}/${name}${count === 1 ? '' : `[${count}]`}`
}

/** By byte order mark, else by the declaration, else UTF-8. @throws SourceError for an encoding that is not read */
export async function xmlText(bytes: Uint8Array): Promise<string> {
  const encoding = markedEncoding(bytes) ?? declaredEncoding(bytes)
  let text = ''
  for await (const piece of decodeText(once(bytes), encoding)) text += piece
  return text
}

function declaredEncoding(bytes: Uint8Array): Encoding {
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  const named = /^<\?xml[^>]*encoding=["']([^"']+)["']/.exec(head)?.[1]?.toLowerCase() ?? 'utf-8'
  if (/^(?:utf-?8|us-ascii)$/.test(named)) return 'utf-8'
  if (/^(?:iso-8859-1|windows-1252)$/.test(named)) return 'windows-1252'
  throw invalid(`XML in the encoding "${named.slice(0, 40)}" is not read.`)
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}

export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? []
}

/** The first element at a path of local names. */
export function elementAt(element: XmlElement | undefined, path: string): XmlElement | undefined {
  return path.split('/').reduce<XmlElement | undefined>((at, name) => childrenOf(at, name)[0], element)
}

/** Undefined where it is absent or empty. */
export function textAt(element: XmlElement | undefined, path: string): string | undefined {
  const text = elementAt(element, path)?.text
  return text === '' ? undefined : text
}
