/** What every part of the queue works with: the instance, the state vault, and vaults opened once and declared. */
import type { CollectionApi, NoydbApi, RecordEntry, VaultApi } from '@noy-db/hub'
import { LobbyError } from '../errors.ts'
import type { Body } from '../import/types.ts'
import { overlay } from '../import/row-shape.ts'
import { fieldChanges } from '../interchange/field-changes.ts'
import type { RulesOf } from '../invariants/types.ts'
import { jsonEquals } from '@noy-db/hub/kernel'
import type { State } from '../state.ts'
import { CONFLICTS, conflictKey } from './conflict-row.ts'
import type { ConflictRef, ConflictRow, ConflictView } from './types.ts'

export interface QueueContext {
  readonly db: NoydbApi
  readonly state: State
  readonly openVault: (name: string) => Promise<VaultApi>
  readonly rules?: RulesOf
}

/** A conflict with the record as it is now. */
export interface LoadedConflict {
  readonly vault: VaultApi
  readonly collection: CollectionApi<Body>
  readonly entry: RecordEntry<Body> | null
  /** Theirs on top of the record as it is now, where the sender sent a slice only. */
  readonly theirs: Body | null
  readonly view: ConflictView
}

/** @throws LobbyError `CONFLICT_NOT_FOUND` */
export async function loadConflict(context: QueueContext, ref: ConflictRef): Promise<LoadedConflict> {
  const vault = await context.openVault(ref.vault)
  const stored = await vault.sidecar<ConflictRow>(CONFLICTS).get(conflictKey(ref))
  if (stored === null)
    throw new LobbyError('CONFLICT_NOT_FOUND', 'This conflict is not in the queue any more.')
  const { row, version } = stored
  const collection = vault.collection<Body>(row.collection)
  const entry = await collection.entry(row.recordId)
  const current = entry?.record ?? null
  const theirs = row.theirs === null ? null : overlay(current, row.theirs, row.slice)
  const view: ConflictView = {
    row,
    rowVersion: version,
    current,
    currentVersion: entry?.metadata.version ?? 0,
    moved: row.status === 'open' && !sameBody(current, row.ours),
    fields: fieldChanges(row.base, current, theirs),
  }
  return { vault, collection, entry, theirs, view }
}

export function sameBody(left: Body | null, right: Body | null): boolean {
  return left === null || right === null ? left === right : jsonEquals(left, right)
}
