import { dockLimits } from '../limits.ts'
import type { Pace } from '../../pace.ts'
import { safeXmlParser, type XmlEvents } from '../xml/safe-parser.ts'
import { beyond } from '../source/error.ts'
import type { Archive } from './archive.ts'

/** Reads one part of the workbook to its end, in slices. */
export async function readPart(
  archive: Archive,
  name: string,
  slices: Pace,
  events: XmlEvents,
): Promise<void> {
  const parser = safeXmlParser(events)
  for await (const text of archive.text(name)) {
    parser.write(text)
    await slices.step()
  }
  parser.end()
}

/** Collects the text of `t` elements, without the reading aids of `rPh`. */
export class TextCollector {
  #text = ''
  #open = false
  #aids = 0

  start(): void {
    this.#text = ''
  }

  open(name: string): void {
    if (name === 'rPh') this.#aids += 1
    this.#open = name === 't' && this.#aids === 0
  }

  text(piece: string): void {
    if (!this.#open) return
    this.#text += piece
    if (this.#text.length > dockLimits.cellChars)
      throw beyond(`A cell has more than ${dockLimits.cellChars} characters.`)
  }

  close(name: string): void {
    if (name === 'rPh') this.#aids -= 1
    this.#open = false
  }

  get value(): string {
    return this.#text
  }
}
