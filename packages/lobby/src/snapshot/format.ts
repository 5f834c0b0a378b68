/**
 * A snapshot: one vault in one file, its envelopes as they are. Lines of JSON: a header, a row each, a trailer that counts
 * and hashes what came before and carries the vault's own seal over that. See `docs/snapshot-format.md`.
 */
import type { CopiedRow } from '@noy-db/hub/copy'
import { z } from 'zod'
import { LobbyError } from '../errors.ts'

export const SNAPSHOT_FORMAT = 1

/** `docs/limits.md` prints this table and a test compares the two. */
export const snapshotLimits = {
  /** UTF-8 bytes of the first and of the last line. */
  snapshotHeadBytes: 64 * 1024,
  /** UTF-8 bytes of one row: the largest record sealed, with room for packed lists of changes. */
  snapshotRowBytes: 64 * 1024 * 1024,
  snapshotRows: 50_000_000,
} as const

const ulid = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/)
const instant = z.iso.datetime()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const count = z.int().min(0).max(snapshotLimits.snapshotRows)

/** Members that this version does not know are the store's to keep. */
const envelope = z.looseObject({
  _noydb: z.literal(1),
  _v: z.int().min(1),
  _ts: z.string(),
  _iv: z.string(),
  _data: z.string(),
  _by: z.string().optional(),
  _source: z.string().optional(),
  _sourceTs: z.string().optional(),
  _aad: z.literal(1).optional(),
  _gen: z.int().optional(),
})

const header = z.strictObject({
  format: z.literal('lobby-snapshot'),
  version: z.int().min(1),
  id: ulid,
  vault: z.string().min(1).max(256),
  /** The vault's handle. */
  vaultUlid: ulid,
  createdAt: instant,
  createdBy: z.string().min(1),
})

const row = z.tuple([z.string().min(1).max(256), z.string().max(2048), envelope])

const totals = z.strictObject({
  rows: count,
  /** By collection, reserved ones included. */
  collections: z.record(z.string(), count),
  /** Over every byte before the trailer. */
  sha256,
})

const trailer = totals.extend({ seal: envelope })

export type SnapshotHeader = z.output<typeof header>
export type SnapshotTotals = z.output<typeof totals>
export type SnapshotTrailer = Omit<z.output<typeof trailer>, 'seal'> & {
  readonly seal: CopiedRow['envelope']
}

/** What a file says of itself. */
export type SnapshotFacts = SnapshotHeader & SnapshotTotals & { readonly bytes: number }

/** @throws LobbyError SNAPSHOT_INVALID | SNAPSHOT_TOO_NEW */
export function parseHeader(line: Buffer): SnapshotHeader {
  const value = parseLine(line, 'its header')
  const version = z.looseObject({ version: z.number() }).safeParse(value)
  if (version.success && version.data.version > SNAPSHOT_FORMAT)
    throw new LobbyError(
      'SNAPSHOT_TOO_NEW',
      `This snapshot has format ${version.data.version}; ${SNAPSHOT_FORMAT} is known here.`,
    )
  return parsed(header, value, 'its header')
}

/** @throws LobbyError SNAPSHOT_INVALID */
export function parseRow(line: Buffer): CopiedRow {
  const [collection, id, stored] = parsed(row, parseLine(line, 'a row'), 'a row')
  return { collection, id, envelope: stored as CopiedRow['envelope'] } // optional members are absent in JSON, never undefined
}

/** @throws LobbyError SNAPSHOT_INVALID */
export function parseTrailer(line: Buffer): SnapshotTrailer {
  const found = parsed(trailer, parseLine(line, 'its end'), 'its end')
  return { ...found, seal: found.seal as CopiedRow['envelope'] } // as above
}

/** A trailer is an object, a row a list. */
export function isTrailer(line: Buffer): boolean {
  return line[0] === 0x7b
}

export function totalsOf({ rows, collections, sha256: hash }: SnapshotTotals): SnapshotTotals {
  return { rows, collections, sha256: hash }
}

export function invalid(what: string, cause?: unknown): LobbyError {
  const message = `This snapshot cannot be used: ${what}.`
  return new LobbyError('SNAPSHOT_INVALID', message, cause === undefined ? undefined : { cause })
}

function parseLine(line: Buffer, what: string): unknown {
  try {
    return JSON.parse(line.toString('utf8'))
  } catch (cause) {
    throw invalid(`${what} is not readable`, cause)
  }
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw invalid(`${what} is not as it should be`, result.error)
}
