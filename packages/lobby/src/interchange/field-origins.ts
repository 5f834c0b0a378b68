/**
 * Who supplied each field of a record. A record's envelope names one source; of a merged one it only says that it is merged.
 * Kept nowhere: read from the record's history, and from what imports and decisions note anyway. Needs `history`.
 */
import type { NoydbApi, RecordEntry, VaultApi } from '@noy-db/hub'
import { hashJson } from '../canonical-json.ts'
import type { Body } from '../import/types.ts'
import { IMPORTS, readChunks, type VaultImportRow } from '../import/undo-record.ts'
import { pace, type Pace } from '../pace.ts'
import { CONFLICTS, conflictKey } from '../queue/conflict-row.ts'
import type { ConflictRow } from '../queue/types.ts'
import { openState } from '../state.ts'
import { member } from './record-path.ts'
import { same } from './three-way.ts'

export interface FieldOrigin {
  /** Version that brought the value the field has now. */
  readonly version: number
  /** When it was written here. */
  readonly at: string
  /** Who wrote it here. */
  readonly by: string | null
  /** Who sent it; null where it was entered here, or is not known any more. */
  readonly party: string | null
  readonly source?: string
  readonly sourceTs?: string
}

type Version = RecordEntry<Body>

/** By top-level field; empty for a record that is not there. */
export async function fieldOrigins(
  db: NoydbApi,
  vault: VaultApi,
  collection: string,
  id: string,
): Promise<Readonly<Record<string, FieldOrigin>>> {
  const versions = await vault.collection<Body>(collection).history(id)
  const [current] = versions
  if (current === undefined) return {}
  const sent = await sendersOf(db, vault, collection, versions)
  const origins = Object.keys(current.record).map((field) => {
    const at = firstWith(versions, field)
    const version = versions[at] ?? current
    const party = sent.get(version.metadata.version)?.(field, version) ?? null
    return [field, originOf(version, party)] as const
  })
  return Object.fromEntries(origins)
}

/** Newest first: the last one before the value was another. */
function firstWith(versions: readonly Version[], field: string): number {
  const value = member(versions[0]?.record, field)
  const other = versions.findIndex(({ record }) => !same(member(record, field), value))
  return (other === -1 ? versions.length : other) - 1
}

function originOf({ metadata }: Version, party: string | null): FieldOrigin {
  const { version, timestamp, by, source, sourceTs } = metadata
  return {
    version,
    at: timestamp,
    by: by ?? null,
    party,
    ...(source !== undefined && { source }),
    ...(sourceTs !== undefined && { sourceTs }),
  }
}

/** Who sent what a version changed; null for what was entered here. */
type SenderOf = (field: string, version: Version) => string | null

async function sendersOf(
  db: NoydbApi,
  vault: VaultApi,
  collection: string,
  versions: readonly Version[],
): Promise<Map<number, SenderOf>> {
  const senders = await deciders(db, vault, collection, versions)
  const slices = pace(undefined)
  const imports = await importsOf(vault)
  for (const [at, version] of versions.entries()) {
    if (senders.has(version.metadata.version)) continue
    const after = versions[at + 1]?.metadata.timestamp ?? ''
    const between = imports.filter(
      ({ appliedAt }) => appliedAt >= after && appliedAt <= version.metadata.timestamp,
    )
    for (const summary of between) {
      if (await wrote(vault, summary, collection, version, slices)) {
        senders.set(version.metadata.version, () => summary.party)
      }
    }
  }
  return senders
}

/** Of a decision, what is as theirs was came from them. */
async function deciders(
  db: NoydbApi,
  vault: VaultApi,
  collection: string,
  versions: readonly Version[],
): Promise<Map<number, SenderOf>> {
  const state = await openState(db)
  const summaries = (await state.index.list()).filter(
    (row) => row.vault === vault.name && row.collection === collection && row.recordId === versions[0]?.id,
  )
  const stored = await vault.sidecar<ConflictRow>(CONFLICTS).getMany(summaries.map(conflictKey))
  const decided = stored.flatMap((found) => (found?.row.decision === undefined ? [] : [found.row]))
  return new Map(
    decided.map(({ decision, theirs, party }) => [
      decision?.afterVersion ?? 0,
      (field, { record }) => (same(member(record, field), member(theirs, field)) ? party : null),
    ]),
  )
}

/** Those that stand. */
async function importsOf(vault: VaultApi): Promise<VaultImportRow[]> {
  const sidecar = vault.sidecar<VaultImportRow>(IMPORTS)
  const keys = (await sidecar.keys()).filter(({ collection = '' }) => collection === '')
  const rows = await sidecar.getMany(keys)
  return rows.flatMap((found) => (found?.row.status === 'applied' ? [found.row] : []))
}

async function wrote(
  vault: VaultApi,
  summary: VaultImportRow,
  collection: string,
  { id, record }: Version,
  slices: Pace,
): Promise<boolean> {
  const chunks = summary.chunks.filter((chunk) => chunk.collection === collection)
  const entries = (await readChunks(vault, { ...summary, chunks }, slices)).flatMap((chunk) => chunk.entries)
  return entries.find((entry) => entry.id === id)?.afterHash === hashJson(record)
}
