/** The two generations of OFX, told apart by their heads: `OFXHEADER:100` and SGML, `<?OFX …?>` and XML. */
import { invalid } from '../source/error.ts'
import { readWhole } from '../source/open.ts'
import { decodeText } from '../source/text.ts'
import type { Encoding, ForeignSource } from '../source/types.ts'
import { parseXml, xmlText, type XmlElement } from '../xml/element.ts'
import { parseSgml } from './sgml.ts'

export interface OfxDocument {
  readonly root: XmlElement
  /** "SGML 102", "XML 211". */
  readonly format: string
}

/** @throws SourceError */
export async function readOfx(source: ForeignSource): Promise<OfxDocument> {
  const bytes = await readWhole(source)
  const head = bytes.subarray(0, 2000).toString('latin1')
  const version = /\bVERSION\s*[:=]\s*"?(\d{3})/.exec(head)?.[1] ?? '?'
  if (/OFXHEADER\s*:\s*100/.test(head)) {
    const text = await decoded(bytes, sgmlEncoding(head))
    return { root: parseSgml(text.slice(Math.max(0, text.indexOf('<')))), format: `SGML ${version}` }
  }
  if (!/<\?OFX\b/.test(head) && !/<OFX\b/.test(head)) throw invalid('This is no OFX statement.')
  const root = parseXml(await xmlText(bytes))
  if (root.name !== 'OFX') throw invalid('This is no OFX statement.')
  return { root, format: `XML ${version}` }
}

/** UNICODE is UTF-8 in practice; USASCII with a code page is Windows-1252. */
function sgmlEncoding(head: string): Encoding {
  return /ENCODING\s*:\s*(?:UTF-?8|UNICODE)/i.test(head) ? 'utf-8' : 'windows-1252'
}

async function decoded(bytes: Uint8Array, encoding: Encoding): Promise<string> {
  let text = ''
  for await (const piece of decodeText(once(bytes), encoding)) text += piece
  return text
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}
