/**
 * What a section says once it is open: a line of JSON for the collection (its schema, or nothing), then one
 * for each record. Every line ends with a line feed.
 */
import { BundleIntegrityError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import type { Slices } from '../../transaction/slices.ts'
import type { RecordMetadata } from '../../types/collection.ts'
import { decodeUtf8 } from '../container.ts'
import { readObject, readText, refuseOtherMembers } from '../fields.ts'
import type { OpenedCollection, OpenedRow, SchemaRow } from '../partition.ts'
import { checkedId, clearMembers, readClear } from '../row-rules.ts'
import { parseUntrustedObject, type JsonObject } from '../untrusted-json.ts'
import type { Section } from './directory.ts'

/** Bytes decoded at once. */
const PIECE = 64 * 1024
const LINE_FEED = 0x0a
/** A record, its id, and its clear members. */
const LINE_BYTES = limits.recordBytes + 16 * 1024
/** The line stands one level above the record. */
const DEPTH = limits.recordDepth + 1
const CLEAR = ['_v', '_ts', '_by', '_source', '_sourceTs']

export function schemaLine(schema: SchemaRow | null): string {
  return schema === null
    ? '{}\n'
    : `${JSON.stringify({ ...clearMembers(schema.clear), schema: schema.body })}\n`
}

export function rowLine(id: string, clear: RecordMetadata, body: unknown): string {
  return `${JSON.stringify({ id, ...clearMembers(clear), record: body })}\n`
}

/** @throws BundleIntegrityError unless the lines are as many as the directory says, and each is in order */
export async function readLines(
  { collection: name, records }: Section,
  bytes: Uint8Array,
  slices: Slices,
  done: number,
): Promise<OpenedCollection> {
  const rows = new Map<string, OpenedRow>()
  let schema: SchemaRow | null | undefined
  for (const line of linesOf(bytes)) {
    if (schema === undefined) {
      schema = readSchemaLine(name, line)
      continue
    }
    const row = readRowLine(name, line)
    rows.set(row.id, row)
    if (slices.due()) await slices.pause(done + rows.size)
  }
  // A repeated id leaves one too few, so this is also where that is refused.
  if (schema === undefined || rows.size !== records)
    throw new BundleIntegrityError(`"${name}" has not the ${records} different records it should have.`)
  return { name, rows: [...rows.values()], schema }
}

function readSchemaLine(name: string, line: string): SchemaRow | null {
  const value = parseUntrustedObject(line, `The schema of "${name}"`, DEPTH)
  refuseOtherMembers(value, [...CLEAR, 'schema'], `The schema of "${name}"`)
  if (Object.keys(value).length === 0) return null
  return { clear: readClear(value), body: readObject(value, 'schema') }
}

function readRowLine(name: string, line: string): OpenedRow {
  const what = `A record of "${name}"`
  const value: JsonObject = parseUntrustedObject(line, what, DEPTH)
  refuseOtherMembers(value, ['id', ...CLEAR, 'record'], what)
  const id = checkedId(readText(value, 'id', limits.idBytes))
  return { id, clear: readClear(value), body: readObject(value, 'record') }
}

/** Decoded a piece at a time, each ending with a line. */
function* linesOf(bytes: Uint8Array): Generator<string> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let from = 0; from < buffer.length;) {
    const end = endOfPiece(buffer, from)
    const text = decodeUtf8(buffer.subarray(from, end), 'A section')
    yield* text.split('\n')
    from = end + 1
  }
}

/** Position of the last line feed within a piece, or of the first one behind it where one line is longer. */
function endOfPiece(buffer: Buffer, from: number): number {
  const last = buffer.lastIndexOf(LINE_FEED, Math.min(from + PIECE, buffer.length) - 1)
  const end = last >= from ? last : buffer.indexOf(LINE_FEED, from)
  if (end === -1) throw new BundleIntegrityError('The last line of a section does not end.')
  if (end - from > LINE_BYTES) throw new BundleIntegrityError('A section has a line longer than a record.')
  return end
}
