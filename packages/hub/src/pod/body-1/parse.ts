/**
 * The body of an extracted partition, format 1 (docs/bundle-format.md, section 3): a wrapper object whose `dump`
 * is the text of a backup without keyrings, and whose seal holds one data key per collection.
 */
import { BundleIntegrityError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { Slices } from '../../transaction/slices.ts'
import type { LongWork, RecordMetadata } from '../../types/collection.ts'
import { readObject, readOneOf, readOptionalText, readText } from '../fields.ts'
import { readSealIndicator, type TransferSeal } from '../header.ts'
import { JsonCursor } from '../json-cursor.ts'
import { checkedCollection, checkedId, NAME_CHARS, readClear } from '../row-rules.ts'
import { isJsonObject, refusePrototypeMembers, type JsonObject } from '../untrusted-json.ts'

/** Collection -> id -> envelope: the deepest level that is looked at, and a little more. */
const MAX_DEPTH = 16
/** Base64 has four characters for three bytes. */
const MAX_DATA_CHARS = Math.ceil((limits.recordBytes + 1024) * (4 / 3))
const IV_CHARS = 16
/** Keys of as many collections as format 2 has room for. */
const MAX_PAYLOAD_CHARS = Math.ceil(limits.partitionDirectoryBytes * (4 / 3))

export interface SealedRow {
  readonly id: string
  readonly clear: RecordMetadata
  /** Base64. */
  readonly iv: string
  readonly data: string
}

export interface PartitionBody {
  readonly seal: TransferSeal
  /** Base64 of the sealed keys: IV, ciphertext and tag. */
  readonly sealPayload: string
  /** The handle of the container this body was written for; other writers leave it out. */
  readonly handle: string | undefined
  readonly collections: ReadonlyMap<string, readonly SealedRow[]>
  /** The rows `_schemas/<collection>`, by collection. */
  readonly schemas: readonly SealedRow[]
}

/** Everything but the ciphertexts is checked here, in slices. @throws BundleIntegrityError */
export async function parsePartitionBody(text: string, work: LongWork = {}): Promise<PartitionBody> {
  const slices = new Slices(work)
  const { dump: dumpText, rest: wrapper } = await readWrapper(text, slices)
  readOneOf(wrapper, '_noydb_bundle_body', [1])
  const transferSeal = readObject(wrapper, '_transferSeal')
  const { collections, schemas, rest: dump } = await readDump(dumpText, slices)
  readOneOf(dump, '_noydb_backup', [1])
  return {
    seal: readSealIndicator(transferSeal),
    sealPayload: readText(transferSeal, 'payload', MAX_PAYLOAD_CHARS),
    handle: readOptionalText(dump, '_handle', NAME_CHARS),
    collections,
    schemas,
  }
}

/** The text of the dump, and the other members. */
async function readWrapper(text: string, slices: Slices): Promise<{ dump: string; rest: JsonObject }> {
  const cursor = new JsonCursor(text, 'The body', MAX_DEPTH)
  let dump: string | null = null
  const rest: Array<[string, unknown]> = []
  cursor.enter()
  for (let name = cursor.member(); name !== null; name = cursor.member()) {
    if (name === 'dump') dump = await joinPieces(cursor, slices)
    else rest.push([name, cursor.value()])
  }
  cursor.end()
  if (dump === null) throw new BundleIntegrityError('The body has no dump.')
  const members = Object.fromEntries(rest)
  refusePrototypeMembers(members, 'The body')
  return { dump, rest: members }
}

async function joinPieces(cursor: JsonCursor, slices: Slices): Promise<string> {
  const pieces: string[] = []
  for (const piece of cursor.pieces()) {
    pieces.push(piece)
    if (slices.due()) await slices.pause()
  }
  return pieces.join('')
}

type Collections = Map<string, readonly SealedRow[]>

interface Dump {
  readonly collections: Collections
  readonly schemas: readonly SealedRow[]
  readonly rest: JsonObject
}

async function readDump(text: string, slices: Slices): Promise<Dump> {
  const cursor = new JsonCursor(text, 'The dump', MAX_DEPTH)
  let collections: Collections | null = null
  let schemas: readonly SealedRow[] = []
  const rest: Array<[string, unknown]> = []
  cursor.enter()
  for (let name = cursor.member(); name !== null; name = cursor.member()) {
    if (name === 'collections') collections = await readCollections(cursor, slices)
    else if (name === '_internal') schemas = await readSchemas(cursor, slices)
    else rest.push([name, cursor.value()])
    if (slices.due()) await slices.pause()
  }
  cursor.end()
  if (collections === null) throw new BundleIntegrityError('The dump has no collections.')
  return { collections, schemas, rest: Object.fromEntries(rest) }
}

/** Other reserved rows are not for whoever gets a part of a vault. */
async function readSchemas(cursor: JsonCursor, slices: Slices): Promise<readonly SealedRow[]> {
  let schemas: readonly SealedRow[] = []
  cursor.enter()
  for (let name = cursor.member(); name !== null; name = cursor.member()) {
    if (name === '_schemas') schemas = await readRows(cursor, slices, limits.bundleRecords)
    else cursor.value()
    if (slices.due()) await slices.pause()
  }
  return schemas
}

async function readCollections(cursor: JsonCursor, slices: Slices): Promise<Collections> {
  const read: Collections = new Map()
  let records = 0
  cursor.enter()
  for (let name = cursor.member(); name !== null; name = cursor.member()) {
    checkedCollection(name)
    const rows = await readRows(cursor, slices, limits.bundleRecords - records)
    records += rows.length
    read.set(name, rows)
  }
  return read
}

/** A map, because `__proto__` is an id like any other. */
async function readRows(cursor: JsonCursor, slices: Slices, most: number): Promise<SealedRow[]> {
  const rows = new Map<string, SealedRow>()
  cursor.enter()
  for (let id = cursor.member(); id !== null; id = cursor.member()) {
    rows.set(id, readRow(checkedId(id), cursor.value()))
    if (rows.size > most) {
      throw new BundleIntegrityError(`The bundle has more than ${limits.bundleRecords} records.`)
    }
    if (slices.due()) await slices.pause()
  }
  return [...rows.values()]
}

/** Members this version does not know are left behind. */
function readRow(id: string, value: unknown): SealedRow {
  if (!isJsonObject(value) || Object.hasOwn(value, '__proto__')) {
    throw new BundleIntegrityError('The bundle has a record that is no envelope.')
  }
  readOneOf(value, '_noydb', [1])
  // No pattern over megabytes: bytes that are no base64 do not open.
  return {
    id,
    clear: readClear(value),
    iv: readText(value, '_iv', IV_CHARS),
    data: readText(value, '_data', MAX_DATA_CHARS),
  }
}
