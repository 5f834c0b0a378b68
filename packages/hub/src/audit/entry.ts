/** How an audit entry is stored and hashed. */
import { createHash, hash } from 'node:crypto'
import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import { Slices } from '../transaction/slices.ts'
import type { AuditChange, AuditEntry } from '../types/audit.ts'
import type { EncryptedEnvelope } from '../types/store.ts'

export const AUDIT = '_audit'
export const HEAD = 'head'
export const FIRST_PREVIOUS = '0'.repeat(64)
const DIGITS = 12
/** Above this many changes the list is stored compressed. */
const PACK_FROM = 200
const MAX_UNPACKED = 1024 * 1024 * 1024

const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

export function entryId(seq: number): string {
  return String(seq).padStart(DIGITS, '0')
}

/** A change with the ciphertext it left; null after a delete. */
export interface AuditedChange {
  readonly change: AuditChange
  readonly envelope: EncryptedEnvelope | null
}

/** Over collection, id, versions and stored ciphertext of every change, in order. */
export async function digestChanges(changes: readonly AuditedChange[]): Promise<string> {
  const whole = createHash('sha256')
  const slices = new Slices()
  for (const { change, envelope } of changes) {
    const body = envelope === null ? '' : sha256(`${envelope._iv}${envelope._data}`)
    whole.update(JSON.stringify([change.collection, change.id, change.before, change.after, body]))
    if (slices.due()) await slices.pause()
  }
  return whole.digest('hex')
}

/** Over everything the entry says, its predecessor's hash included. */
export function hashEntry(entry: Omit<AuditEntry, 'hash'>, changeLines: string): string {
  const { seq, id, actor, command, reason = null, time, sidecars, history = false, digest, previous } = entry
  const counts = Object.entries(sidecars).sort(([left], [right]) => (left < right ? -1 : 1))
  const changes = sha256(changeLines)
  return sha256(
    JSON.stringify([seq, id, actor, command, reason, time, changes, counts, history, digest, previous]),
  )
}

/** One line for each change; hashed and, when there are many, compressed. */
export async function changeLines(changes: readonly AuditChange[]): Promise<string> {
  const lines: string[] = []
  const slices = new Slices()
  for (const { collection, id, before, after } of changes) {
    lines.push(JSON.stringify([collection, id, before, after]))
    if (slices.due()) await slices.pause()
  }
  return lines.join('\n')
}

type StoredEntry = Omit<AuditEntry, 'changes'> & {
  readonly changes?: readonly AuditChange[]
  readonly packed?: string
}

export async function storedText(entry: AuditEntry, lines: string): Promise<string> {
  if (entry.changes.length < PACK_FROM) return JSON.stringify(entry)
  const { changes: _packedInstead, ...rest } = entry
  return JSON.stringify({ ...rest, packed: (await deflate(lines)).toString('base64') } satisfies StoredEntry)
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

function sha256(text: string): string {
  return hash('sha256', text, 'hex')
}
