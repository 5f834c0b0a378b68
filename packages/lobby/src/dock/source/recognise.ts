/** Which kind of file it is, told by its first bytes; its name is not asked, since people rename files. */
import { markedEncoding } from './text.ts'
import type { ForeignSource, SourceKind } from './types.ts'

const BEGINNING = 64 * 1024

/** Null for a kind that no reader here takes. That a file begins well says nothing of the rest of it. */
export async function recogniseSource(source: ForeignSource): Promise<SourceKind | null> {
  const bytes = await beginningOf(source)
  const head = bytes.toString('latin1')
  if (head.startsWith('SQLite format 3\0')) return 'sqlite'
  if (head.startsWith('PK\x03\x04')) return 'xlsx'
  return kindOfText(textOf(bytes))
}

async function beginningOf(source: ForeignSource): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of source.chunks()) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= BEGINNING) break
  }
  return Buffer.concat(chunks).subarray(0, BEGINNING)
}

/** Null where it is no text: text has no control characters but blanks and line ends. */
function textOf(bytes: Buffer): string | null {
  const text = new TextDecoder(markedEncoding(bytes) ?? 'utf-8').decode(bytes)
  // eslint-disable-next-line no-control-regex -- these are the characters that are looked for
  return /[\0-\x08\x0e-\x1f]/.test(text) ? null : text.trimStart()
}

function kindOfText(text: string | null): SourceKind | null {
  if (text === null || text === '' || text.startsWith('%PDF-')) return null
  if (/^OFXHEADER\s*:/.test(text)) return 'ofx'
  if (text.startsWith('<')) return kindOfXml(text)
  if (text.startsWith('{')) return isJsonLine(text) ? 'jsonl' : null
  return text.startsWith('[') ? null : 'csv'
}

function kindOfXml(text: string): SourceKind | null {
  if (/<\?OFX\b/.test(text)) return 'ofx'
  const root = /<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)[\s/>]/.exec(text.replaceAll(/<!--.*?-->/gs, ''))?.[2]
  if (root === 'OFX') return 'ofx'
  return root === 'Invoice' || root === 'CreditNote' ? 'ubl' : null
}

/** A line that goes on behind the beginning is taken for one. */
function isJsonLine(text: string): boolean {
  const end = text.indexOf('\n')
  if (end < 0 && text.length >= BEGINNING / 4) return true
  try {
    JSON.parse(end < 0 ? text : text.slice(0, end))
    return true
  } catch {
    return false // that is the answer
  }
}
