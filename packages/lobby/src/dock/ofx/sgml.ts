/** OFX 1.x: SGML whose value elements have no end tag. Made into the same tree as XML; nothing in it is expanded or fetched. */
import { dockLimits } from '../limits.ts'
import { beyond, invalid } from '../source/error.ts'
import type { XmlElement } from '../xml/element.ts'

interface Building extends XmlElement {
  readonly children: Building[]
  text: string
}

/** @throws SourceError */
export function parseSgml(text: string): XmlElement {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text))
    throw invalid('The file declares a document type; such files are not read.')
  const open: Building[] = []
  let root: Building | undefined
  let elements = 0
  for (const [, end, name = '', value = ''] of text.matchAll(/<(\/?)([A-Za-z0-9_.]+)>([^<]*)/g)) {
    if (end === '/') {
      closeTo(open, name)
      continue
    }
    if ((elements += 1) > dockLimits.elements)
      throw beyond(`The file has more than ${dockLimits.elements} elements.`)
    const parent = open.at(-1)
    const element: Building = {
      name: name.toUpperCase(),
      uri: '',
      attributes: {},
      children: [],
      text: plainText(value),
      path: parent === undefined ? name : `${parent.path}/${name}`,
    }
    parent?.children.push(element)
    root ??= element
    // A value ends where the next tag starts; only containers stay open.
    if (element.text === '') open.push(element)
    if (open.length > dockLimits.nesting)
      throw beyond(`The file is nested deeper than ${dockLimits.nesting} levels.`)
  }
  if (root?.name !== 'OFX') throw invalid('This is no OFX statement.')
  return root
}

/** An end tag also ends what was left open inside: an empty value, `<MEMO>`. What it left as children moves up. */
function closeTo(open: Building[], name: string): void {
  const at = open.findLastIndex((element) => element.name === name.toUpperCase())
  if (at === -1) return
  for (const left of open.splice(at).slice(1).toReversed()) {
    const parent = open.at(-1)
    if (parent !== undefined && left.children.length > 0) parent.children.push(...left.children.splice(0))
  }
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', nbsp: ' ' }

function plainText(value: string): string {
  return value.trim().replaceAll(/&(amp|lt|gt|nbsp);/g, (whole, name: string) => entities[name] ?? whole)
}
