/** From the current rows of one vault to what its import writes: records, bases, queue rows, and what undo needs. */
import type { PutOptions } from '@noy-db/hub'
import { hashJson } from '../canonical-json.ts'
import { baseRow, chainOf, type BaseRow, type BaseSlot } from '../exchange/bases.ts'
import {
  afterReceipt,
  ancestorOf,
  type Exchanged,
  type MessageNumber,
  type Taken,
} from '../exchange/exchanged.ts'
import { fieldChanges } from '../interchange/field-changes.ts'
import { jsonEquals } from '@noy-db/hub/kernel'
import type { Exception } from '../invariants/override.ts'
import { earlierOf, provenance } from '../queue/earlier-record.ts'
import type { ConflictRow } from '../queue/types.ts'
import { fieldsOf } from './vault-merge.ts'
import { writesRecord, writtenBody } from './row-effect.ts'
import { sliceOf } from './row-shape.ts'
import type { CurrentRow } from './current-rows.ts'
import type { UndoEntry } from './undo-record.ts'
import type { Body, ImportRow, Projection } from './types.ts'

export interface ImportNote {
  readonly importId: string
  readonly party: string | null
  readonly exchangeId: string | null
  readonly at: string
  /** Messages of ours the sender says it took. */
  readonly taken: Taken
  readonly message?: MessageNumber
}

export interface RecordWrite {
  readonly collection: string
  readonly id: string
  /** Null: the record goes. */
  readonly body: Body | null
  readonly options: PutOptions
}

/** A base with what it becomes. */
type BaseWrite = BaseSlot & { readonly row: BaseRow }

export interface RowWrites {
  readonly collection: string
  readonly record?: RecordWrite
  readonly base?: BaseWrite
  readonly conflict?: { readonly row: ConflictRow; readonly expectedVersion: number }
  /** Rules it is written against. */
  readonly exceptions?: readonly Exception[]
  /** Null where the row leaves nothing to undo. */
  readonly undo: UndoEntry | null
}

/** Bases move to what arrived, whatever was decided (decision 15). */
export function writesOf(
  current: CurrentRow,
  note: ImportNote,
  projection: Projection | undefined,
): RowWrites {
  const { row, ref } = current
  const record = row !== undefined && writesRecord(row) ? recordWrite(row, current.expected) : undefined
  const fields = fieldsOf(projection, ref.collection)
  const base = baseAfter(current, note, fields)
  const conflict = row?.outcome === 'queue' ? conflictWrite(row, current, note, fields) : undefined
  const undo = undoEntry(current, { record, base, conflict: conflict?.row })
  return {
    collection: ref.collection,
    ...(record !== undefined && { record }),
    ...(base !== undefined && { base }),
    ...(conflict !== undefined && { conflict }),
    undo,
  }
}

function recordWrite(row: ImportRow, expectedVersion: number): RecordWrite {
  const { collection, id } = row
  return { collection, id, body: writtenBody(row), options: { expectedVersion, ...originOf(row) } }
}

/** A merged body is nobody's own: it is marked so, and its time is now. */
export function originOf({ outcome, source, sourceTs }: ImportRow): PutOptions {
  return outcome === 'merge' ? { source: 'merged' } : provenance(source, sourceTs)
}

function baseAfter(
  { row, ref, entry, expected, base }: CurrentRow,
  note: ImportNote,
  fields: readonly string[] | undefined,
): BaseWrite | undefined {
  if (note.party === null || note.exchangeId === null || base === null || row?.waits) return undefined
  // An `equal` row is as the record is here, or gone as it is here.
  const arrived = row === undefined ? (entry?.record ?? null) : row.incoming
  const body = arrived === null ? null : sliceOf(arrived, fields)
  const chain = chainOf(base.row)
  const known = ancestorOf(chain, note.taken)
  // Nothing new: they have what they are known to have.
  if (known !== null && jsonEquals(known.body, body)) return undefined
  const originTime = row?.sourceTs ?? row?.incomingTs
  const received: Exchanged = {
    exchangeId: note.exchangeId,
    version: versionHolding(row, expected),
    body,
    direction: 'received',
    at: note.at,
    ...(originTime !== undefined && { originTime }),
    ...(note.message !== undefined && { message: note.message }),
  }
  const after = baseRow(note.party, ref.id, afterReceipt(chain, received, note.taken, fields))
  return after === null ? undefined : { key: base.key, row: after }
}

/** The version here that is what arrived; 0 where none is. */
function versionHolding(row: ImportRow | undefined, expected: number): number {
  if (row === undefined) return expected
  return row.outcome === 'insert' || row.outcome === 'update' ? expected + 1 : 0
}

function conflictWrite(
  row: ImportRow,
  current: CurrentRow,
  note: ImportNote,
  slice: readonly string[] | undefined,
): RowWrites['conflict'] {
  const stored = current.conflict
  if (row.conflictId === undefined || stored?.row.status === 'open') return undefined
  const local = current.entry?.metadata
  const base = ancestorOf(chainOf(current.base?.row), note.taken)
  const conflict: ConflictRow = {
    vault: row.vault,
    collection: row.collection,
    conflictId: row.conflictId,
    recordId: row.id,
    kind: row.kind ?? 'no-base',
    base: row.base,
    ours: current.entry?.record ?? null,
    theirs: row.incoming,
    oursOrigin: {
      by: local?.by ?? null,
      at: local?.sourceTs ?? local?.timestamp ?? null,
      ...(local?.source !== undefined && { source: local.source }),
      version: local?.version ?? 0,
    },
    theirsOrigin: {
      by: note.party,
      at: row.sourceTs ?? row.incomingTs,
      ...(row.source !== undefined && { source: row.source }),
      version: row.incomingVersion ?? 0,
    },
    baseOrigin: base === null ? null : { exchangeId: base.exchangeId, at: base.at },
    importId: note.importId,
    party: note.party,
    fields: differingPaths(row, current.entry?.record ?? null),
    queuedAt: note.at,
    status: 'open',
    ...(slice !== undefined && { slice }),
    ...(row.duplicateOf !== undefined && { duplicateOf: row.duplicateOf }),
  }
  return { row: conflict, expectedVersion: stored?.version ?? 0 }
}

/** A record that is gone on one side differs in what the other changed, not in all it has. */
function differingPaths({ base, incoming, fields }: ImportRow, ours: Body | null): readonly string[] {
  return ours === null || incoming === null
    ? fields
    : fieldChanges(base, ours, incoming).map(({ path }) => path)
}

interface Changes {
  readonly record: RecordWrite | undefined
  readonly base: BaseWrite | undefined
  readonly conflict: ConflictRow | undefined
}

function undoEntry(current: CurrentRow, { record, base, conflict }: Changes): UndoEntry | null {
  if (record === undefined && base === undefined && conflict === undefined) return null
  return {
    id: current.ref.id,
    ...(record !== undefined && { before: earlierOf(current.entry), ...afterOf(record) }),
    ...(base !== undefined && { baseBefore: current.base?.row ?? null }),
    ...(conflict !== undefined && { conflictId: conflict.conflictId }),
  }
}

function afterOf({ body }: RecordWrite): Pick<UndoEntry, 'afterHash'> {
  return body === null ? {} : { afterHash: hashJson(body) }
}
