/**
 * The body of an extracted partition, format 1 (FORMAT.md, section 2): a wrapper object whose `dump` is the
 * text of a backup without keyrings, and whose seal holds one data key per collection.
 */
import { BundleIntegrityError } from '../errors.ts'
import { limits } from '../limits.ts'
import { Slices } from '../transaction/slices.ts'
import type { LongWork } from '../types/collection.ts'
import type { EncryptedEnvelope } from '../types/store.ts'
import { readMatch, readObject, readOneOf, readOptionalText, readText, readWhole } from './fields.ts'
import { readSealIndicator, type TransferSeal } from './header.ts'
import { JsonCursor } from './json-cursor.ts'
import { isJsonObject, refusePrototypeMembers, type JsonObject } from './untrusted-json.ts'

/** Collection -> id -> envelope: the deepest level that is looked at, and a little more. */
const MAX_DEPTH = 16
const NAME_CHARS = 512
/** Base64 has four characters for three bytes. */
const MAX_DATA_CHARS = Math.ceil((limits.recordBytes + 1024) * (4 / 3))
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

export interface SealedRow {
  readonly id: string
  readonly envelope: EncryptedEnvelope
}

export interface PartitionBody {
  readonly seal: TransferSeal
  /** Base64 of the sealed keys: IV, ciphertext and tag. */
  readonly sealPayload: string
  /** The handle of the container this body was written for; other writers leave it out. */
  readonly handle: string | undefined
  readonly collections: ReadonlyMap<string, readonly SealedRow[]>
}

/** Everything but the ciphertexts is checked here, in slices. @throws BundleIntegrityError */
export async function parsePartitionBody(text: string, work: LongWork = {}): Promise<PartitionBody> {
  const slices = new Slices(work)
  const { dump: dumpText, rest: wrapper } = await readWrapper(text, slices)
  readOneOf(wrapper, '_noydb_bundle_body', [1])
  const transferSeal = readObject(wrapper, '_transferSeal')
  const { collections, rest: dump } = await readDump(dumpText, slices)
  readOneOf(dump, '_noydb_backup', [1])
  return {
    seal: readSealIndicator(transferSeal),
    sealPayload: readMatch(transferSeal, 'payload', BASE64),
    handle: readOptionalText(dump, '_handle', NAME_CHARS),
    collections,
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

async function readDump(
  text: string,
  slices: Slices,
): Promise<{ collections: Collections; rest: JsonObject }> {
  const cursor = new JsonCursor(text, 'The dump', MAX_DEPTH)
  let collections: Collections | null = null
  const rest: Array<[string, unknown]> = []
  cursor.enter()
  for (let name = cursor.member(); name !== null; name = cursor.member()) {
    if (name === 'collections') collections = await readCollections(cursor, slices)
    else rest.push([name, cursor.value()])
    if (slices.due()) await slices.pause()
  }
  cursor.end()
  if (collections === null) throw new BundleIntegrityError('The dump has no collections.')
  return { collections, rest: Object.fromEntries(rest) }
}

async function readCollections(cursor: JsonCursor, slices: Slices): Promise<Collections> {
  const read: Collections = new Map()
  let records = 0
  cursor.enter()
  for (let name = cursor.member(); name !== null; name = cursor.member()) {
    if (name.startsWith('_') || name === '' || Buffer.byteLength(name) > limits.nameBytes) {
      throw new BundleIntegrityError('The dump has a collection that cannot be one.')
    }
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
    rows.set(id, { id: checkedId(id), envelope: readEnvelope(cursor.value()) })
    if (rows.size > most) {
      throw new BundleIntegrityError(`The bundle has more than ${limits.bundleRecords} records.`)
    }
    if (slices.due()) await slices.pause()
  }
  return [...rows.values()]
}

function checkedId(id: string): string {
  if (id !== '' && Buffer.byteLength(id) <= limits.idBytes && !/\p{Surrogate}/u.test(id)) return id
  throw new BundleIntegrityError('The bundle has a record whose id is empty, too long or no text.')
}

/** Members this version does not know are left behind. */
function readEnvelope(value: unknown): EncryptedEnvelope {
  if (!isJsonObject(value) || Object.hasOwn(value, '__proto__')) {
    throw new BundleIntegrityError('The bundle has a record that is no envelope.')
  }
  const source = readOptionalText(value, '_source', NAME_CHARS)
  const sourceTs = readOptionalText(value, '_sourceTs', NAME_CHARS)
  return {
    _noydb: readOneOf(value, '_noydb', [1]),
    _v: readWhole(value, '_v', 1),
    _ts: readTime(value, '_ts'),
    _iv: readMatch(value, '_iv', BASE64),
    // No pattern over megabytes: bytes that are no base64 do not open.
    _data: readText(value, '_data', MAX_DATA_CHARS),
    ...(source !== undefined && { _source: source }),
    ...(sourceTs !== undefined && { _sourceTs: sourceTs }),
  }
}

function readTime(value: JsonObject, name: string): string {
  const text = readMatch(value, name, ISO_TIME)
  if (Number.isNaN(Date.parse(text))) throw new BundleIntegrityError(`"${text}" is no time.`)
  return text
}

export interface BodyHead {
  readonly vault: string
  readonly userId: string
  readonly handle: string
  /** ISO-8601. */
  readonly exportedAt: string
}

/** Writes the body row by row, so that no step is longer than one row. */
export class PartitionBodyWriter {
  readonly #pieces: string[] = []
  #collections = 0
  #rows = 0

  constructor({ vault, userId, handle, exportedAt }: BodyHead) {
    const head = {
      _noydb_backup: 1,
      _compartment: vault,
      _handle: handle,
      _exported_at: exportedAt,
      _exported_by: userId,
    }
    this.#pieces.push('{"_noydb_bundle_body":1,"dump":"')
    this.#dump(`${JSON.stringify({ ...head, keyrings: {} }).slice(0, -1)},"collections":{`)
  }

  startCollection(name: string): void {
    this.#dump(`${this.#collections === 0 ? '' : '},'}${JSON.stringify(name)}:{`)
    this.#collections += 1
    this.#rows = 0
  }

  addRow(id: string, envelope: EncryptedEnvelope): void {
    const { _iv, _data, ...clear } = envelope
    this.#dump(`${this.#rows === 0 ? '' : ','}${JSON.stringify(id)}:${JSON.stringify(clear).slice(0, -1)}`)
    // Base64 needs no escape, so most of the bytes are not looked at again.
    this.#pieces.push(',\\"_iv\\":\\"', _iv, '\\",\\"_data\\":\\"', _data, '\\"}')
    this.#rows += 1
  }

  finish(
    schemas: Readonly<Record<string, EncryptedEnvelope>>,
    seal: TransferSeal,
    sealPayload: string,
  ): Buffer {
    const internal = Object.keys(schemas).length === 0 ? {} : { _schemas: schemas }
    this.#dump(`${this.#collections === 0 ? '' : '}'}},"_internal":${JSON.stringify(internal)}}`)
    this.#pieces.push(`","_transferSeal":${JSON.stringify({ ...seal, payload: sealPayload })}}`)
    return Buffer.from(this.#pieces.join(''))
  }

  /** The dump is text inside of JSON: it is escaped once more. */
  #dump(text: string): void {
    this.#pieces.push(JSON.stringify(text).slice(1, -1))
  }
}
