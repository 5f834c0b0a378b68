/** Text files: which encoding they are in, and their characters, a piece at a time. */
import type { LongWork } from '@noy-db/hub'
import { pace } from '../../pace.ts'
import { dockLimits } from '../limits.ts'
import { beyond, invalid } from './error.ts'
import type { Encoding, ForeignSource } from './types.ts'

/** By byte order mark; else UTF-8 where all of the file is, else Windows-1252, which takes any byte. */
export async function detectEncoding(source: ForeignSource, work?: LongWork): Promise<Encoding> {
  const slices = pace(work)
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  let first = true
  for await (const chunk of source.chunks()) {
    await slices.step()
    const marked = first ? markedEncoding(chunk) : null
    if (marked !== null) return marked
    first = false
    if (!decodes(utf8, chunk, true)) return 'windows-1252'
  }
  return decodes(utf8, new Uint8Array(), false) ? 'utf-8' : 'windows-1252'
}

export function markedEncoding(bytes: Uint8Array): Encoding | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 'utf-8' : null
}

function decodes(decoder: TextDecoder, bytes: Uint8Array, more: boolean): boolean {
  try {
    decoder.decode(bytes, { stream: more })
    return true
  } catch {
    return false // that is the answer
  }
}

/** Without the byte order mark. @throws SourceError where bytes are none of the encoding */
export async function* decodeText(
  chunks: AsyncIterable<Uint8Array>,
  encoding: Encoding,
): AsyncIterable<string> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
    } catch {
      throw invalid(`The file is not ${encoding} text throughout.`)
    }
  }
  for await (const chunk of chunks) {
    const text = decode(chunk)
    if (text !== '') yield text
  }
  const rest = decode()
  if (rest !== '') yield rest
}

export interface Line {
  readonly text: string
  /** From 1. */
  readonly number: number
}

/** Lines end with LF or CR LF. @throws SourceError for one longer than a row may be */
export async function* linesOf(texts: AsyncIterable<string>): AsyncIterable<Line> {
  let rest = ''
  let number = 0
  for await (const text of texts) {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) yield { text: lineText(part, (number += 1)), number }
    lineText(rest, number + 1)
  }
  if (rest !== '') yield { text: lineText(rest, (number += 1)), number }
}

function lineText(text: string, line: number): string {
  if (text.length > dockLimits.rowChars)
    throw beyond(`A line has more than ${dockLimits.rowChars} characters.`, { line })
  return text.endsWith('\r') ? text.slice(0, -1) : text
}
