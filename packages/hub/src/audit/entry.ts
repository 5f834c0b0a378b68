/** How an audit entry is stored and hashed. */
import { createHash, hash } from 'node:crypto'
import { promisify } from 'node:util'
import { deflateRaw, deflateRawSync, inflateRaw } from 'node:zlib'
import { Scratch } from '../crypto/scratch.ts'
import { eachInSlices, Slices } from '../transaction/slices.ts'
import type { AuditChange, AuditEntry } from '../types/audit.ts'
import type { EncryptedEnvelope } from '../types/store.ts'

export const AUDIT = '_audit'
export const HEAD = 'head'
export const FIRST_PREVIOUS = '0'.repeat(64)
const DIGITS = 12
/** Above this many changes the list is stored compressed. */
const PACK_FROM = 200
const MAX_UNPACKED = 1024 * 1024 * 1024

/** Compressing a text of this length takes less time here than sending it to another thread. */
const PACK_HERE = 500_000

const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

export function entryId(seq: number): string {
  return String(seq).padStart(DIGITS, '0')
}

/** A digest takes text in pieces of about this many characters: a call for each change costs more than the hashing. */
const DIGEST_PIECE = 32_768

const scratch = new Scratch()

/**
 * Over collection, id, versions and stored ciphertext of every change, in order: SHA-256 of the change lines, each with the hash of its
 * envelope's IV and data as a last member, '' after a delete.
 */
export async function digestChanges(
  lines: readonly string[],
  envelopes: ReadonlyArray<EncryptedEnvelope | null>,
): Promise<string> {
  const whole = createHash('sha256')
  const slices = new Slices()
  let piece = ''
  for (const [at, line] of lines.entries()) {
    const envelope = envelopes[at] ?? null
    const body = envelope === null ? '' : sha256(scratch.bytesOfBoth(envelope._iv, envelope._data))
    piece += `${line.slice(0, -1)},"${body}"]`
    if (piece.length < DIGEST_PIECE) continue
    whole.update(piece)
    piece = ''
    if (slices.due()) await slices.pause()
  }
  return whole.update(piece).digest('hex')
}

/** Over everything the entry says, its predecessor's hash included. */
export function hashEntry(entry: Omit<AuditEntry, 'hash'>, lines: readonly string[]): string {
  const { seq, id, actor, command, reason = null, time, sidecars, history = false, digest, previous } = entry
  const counts = Object.entries(sidecars).sort(([left], [right]) => (left < right ? -1 : 1))
  const changes = sha256(lines.join('\n'))
  return sha256(
    JSON.stringify([seq, id, actor, command, reason, time, changes, counts, history, digest, previous]),
  )
}

/** One line for each change; hashed and, when there are many, compressed. */
export async function changeLines(changes: readonly AuditChange[]): Promise<string[]> {
  const lines: string[] = []
  await eachInSlices(changes, new Slices(), ({ collection, id, before, after }) => {
    lines.push(JSON.stringify([collection, id, before, after]))
  })
  return lines
}

type StoredEntry = Omit<AuditEntry, 'changes'> & {
  readonly changes?: readonly AuditChange[]
  readonly packed?: string
}

export async function storedText(entry: AuditEntry, lines: readonly string[]): Promise<string> {
  if (entry.changes.length < PACK_FROM) return JSON.stringify(entry)
  const { changes: _packedInstead, ...rest } = entry
  const text = lines.join('\n')
  const packed = text.length <= PACK_HERE ? deflateRawSync(text) : await deflate(text)
  return JSON.stringify({ ...rest, packed: packed.toString('base64') } satisfies StoredEntry)
}

export async function parseEntry(text: string): Promise<AuditEntry> {
  const { packed, ...rest } = JSON.parse(text) as StoredEntry // sealed by us; the chain is what verify() checks
  if (packed === undefined) return { ...rest, changes: rest.changes ?? [] }
  const lines = (await inflate(Buffer.from(packed, 'base64'), { maxOutputLength: MAX_UNPACKED })).toString(
    'utf8',
  )
  return { ...rest, changes: await parseLines(lines) }
}

async function parseLines(lines: string): Promise<AuditChange[]> {
  const changes: AuditChange[] = []
  const slices = new Slices()
  for (const line of lines.split('\n')) {
    const [collection, id, before, after] = JSON.parse(line) as [string, string, number, number] // as `changeLines` wrote it
    changes.push({ collection, id, before, after })
    if (slices.due()) await slices.pause()
  }
  return changes
}

function sha256(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex')
}
