/**
 * `_rotations/<generation>`: the keys of that generation have been replaced. A transaction asserts the absence
 * of this row, so that a session with old keys cannot write under them. On a store without `tx` the row is
 * also what decides a rotation: its operations lie prepared in `_rotation_ops`, all of them sealed already, and
 * whoever comes next carries them out. That needs no keys.
 */
import { TamperedError } from '../errors.ts'
import type { EncryptedEnvelope, NoydbStore, TxOp, TxWriteOp } from '../types/store.ts'

const ROTATIONS = '_rotations'
const PREPARED = '_rotation_ops'
const DIGITS = 8
/** Prepared operations in one row, at most this many characters. */
const ROW_TEXT = 512 * 1024

/** Holds as long as the generation lasts. */
export function endedFence(vault: string, generation: number): TxOp {
  return { vault, collection: ROTATIONS, id: String(generation), op: 'delete', expectedVersion: 0 }
}

export async function hasEnded(store: NoydbStore, vault: string, generation: number): Promise<boolean> {
  return (await store.get(vault, ROTATIONS, String(generation))) !== null
}

export interface Ending {
  readonly vault: string
  readonly generation: number
  readonly by: string
  readonly ts: string
}

/** `rows` = prepared rows still to be carried out. */
export function endingOp(ending: Ending, rows = 0): TxWriteOp & { readonly envelope: EncryptedEnvelope } {
  const { vault, generation, by, ts } = ending
  const envelope = { _noydb: 1, _v: 1, _ts: ts, _by: by, _iv: '', _data: JSON.stringify({ rows }) } as const
  return { vault, collection: ROTATIONS, id: String(generation), op: 'put', envelope, expectedVersion: 0 }
}

/** For a store without `tx`: prepares, decides, carries out. A failure before the decision leaves garbage only. */
export async function writePrepared(
  store: NoydbStore,
  ending: Ending,
  ops: readonly TxWriteOp[],
): Promise<void> {
  const { vault, ts, by, generation } = ending
  for (const id of await store.list(vault, PREPARED)) await store.delete(vault, PREPARED, id)
  let rows = 0
  for (const text of packed(ops)) {
    const envelope = { _noydb: 1, _v: 1, _ts: ts, _by: by, _iv: '', _data: text } as const
    await store.put(vault, PREPARED, preparedId(rows), envelope)
    rows += 1
  }
  await store.put(vault, ROTATIONS, String(generation), endingOp(ending, rows).envelope)
  await finishRotation(store, vault)
}

/** True when a rotation that was decided had been left unfinished. Call it holding the vault's lock. */
export async function finishRotation(store: NoydbStore, vault: string): Promise<boolean> {
  let found = false
  for (const id of await store.list(vault, ROTATIONS)) {
    const ended = await store.get(vault, ROTATIONS, id)
    const rows = ended === null ? 0 : preparedRows(ended)
    if (ended === null || rows === 0) continue
    found = true
    for (let row = 0; row < rows; row += 1) await carryOut(store, vault, preparedId(row))
    await store.put(vault, ROTATIONS, id, { ...ended, _data: JSON.stringify({ rows: 0 }) })
  }
  return found
}

/** Whether `finishRotation` has something to do; takes no lock. */
export async function isRotating(store: NoydbStore, vault: string): Promise<boolean> {
  for (const id of await store.list(vault, ROTATIONS)) {
    const ended = await store.get(vault, ROTATIONS, id)
    if (ended !== null && preparedRows(ended) > 0) return true
  }
  return false
}

async function carryOut(store: NoydbStore, vault: string, id: string): Promise<void> {
  const prepared = await store.get(vault, PREPARED, id)
  if (prepared === null) return // done before a crash
  for (const op of parsePrepared(prepared._data)) {
    if (op.envelope === undefined) await store.delete(vault, op.collection, op.id)
    else await store.put(vault, op.collection, op.id, op.envelope)
  }
  await store.delete(vault, PREPARED, id)
}

interface PreparedOp {
  readonly collection: string
  readonly id: string
  /** Absent = delete. */
  readonly envelope?: EncryptedEnvelope
}

function* packed(ops: readonly TxWriteOp[]): Generator<string> {
  let parts: string[] = []
  let length = 0
  for (const { collection, id, op, envelope } of ops) {
    const text = JSON.stringify({ collection, id, ...(op === 'put' && { envelope }) })
    if (length > 0 && length + text.length > ROW_TEXT) {
      yield `[${parts.join(',')}]`
      parts = []
      length = 0
    }
    parts.push(text)
    length += text.length
  }
  if (parts.length > 0) yield `[${parts.join(',')}]`
}

function parsePrepared(text: string): readonly PreparedOp[] {
  const ops = parseJson(text)
  if (!Array.isArray(ops) || !ops.every(isPrepared))
    throw new TamperedError('What a rotation prepared cannot be read.')
  return ops
}

function isPrepared(op: unknown): op is PreparedOp {
  if (typeof op !== 'object' || op === null) return false
  const { collection, id, envelope } = op as Partial<Record<keyof PreparedOp, unknown>> // checked right here
  if (typeof collection !== 'string' || typeof id !== 'string') return false
  return envelope === undefined || (typeof envelope === 'object' && envelope !== null && '_data' in envelope)
}

function preparedRows({ _data }: EncryptedEnvelope): number {
  const ended = parseJson(_data)
  const rows: unknown = typeof ended === 'object' && ended !== null && 'rows' in ended ? ended.rows : null
  if (typeof rows === 'number' && Number.isSafeInteger(rows) && rows >= 0) return rows
  throw new TamperedError('What a rotation left cannot be read.')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // not JSON: the caller reports it as tampering
  }
}

function preparedId(row: number): string {
  return String(row).padStart(DIGITS, '0')
}
