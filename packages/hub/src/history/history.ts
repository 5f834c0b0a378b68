/** Reading earlier versions. They are opened with the place and version they were written at. */
import { readingKey } from '../collection/read-key.ts'
import { clearOf, type Row } from '../collection/row.ts'
import { tombstoneKey } from '../collection/tombstones.ts'
import { withCurrentKeys } from '../keyring/current-keys.ts'
import { readRows } from '../transaction/store-write.ts'
import type { EncryptedEnvelope } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import { HISTORY, historyId } from './history-id.ts'

const CHUNK = 50

/** Newest first, the current one included; ends at the first version that was not kept. */
export function readHistory(core: VaultCore, collection: string, id: string): Promise<Row[]> {
  return withCurrentKeys(core.keys, () => readAll(core, collection, id))
}

async function readAll(core: VaultCore, collection: string, id: string): Promise<Row[]> {
  const current = await core.store.get(core.name, collection, id)
  const rows = current === null ? [] : [await openVersion(core, collection, id, current)]
  let version = current === null ? await lastDeleted(core, collection, id) : current._v - 1
  while (version > 0) {
    const chunk = Array.from({ length: Math.min(CHUNK, version) }, (_, at) => version - at)
    const ids = chunk.map((each) => historyId(collection, id, each))
    for (const envelope of await readRows(core.store, core.name, HISTORY, ids)) {
      if (envelope === null) return rows
      rows.push(await openVersion(core, collection, id, envelope))
    }
    version -= chunk.length
  }
  return rows
}

export function readVersion(
  core: VaultCore,
  collection: string,
  id: string,
  version: number,
): Promise<Row | null> {
  return withCurrentKeys(core.keys, () => readOne(core, collection, id, version))
}

async function readOne(
  core: VaultCore,
  collection: string,
  id: string,
  version: number,
): Promise<Row | null> {
  const current = await core.store.get(core.name, collection, id)
  if (current?._v === version) return openVersion(core, collection, id, current)
  const kept = await core.store.get(core.name, HISTORY, historyId(collection, id, version))
  return kept === null ? null : openVersion(core, collection, id, kept)
}

async function lastDeleted(core: VaultCore, collection: string, id: string): Promise<number> {
  const versions = await core.tombstones.versions(collection, [id])
  return versions.get(tombstoneKey(collection, id)) ?? 0
}

/** Not validated: an old version fits the schema of its own time. */
async function openVersion(
  core: VaultCore,
  collection: string,
  id: string,
  envelope: EncryptedEnvelope,
): Promise<Row> {
  const key = await readingKey(core.keys, collection)
  const record: unknown = JSON.parse(core.keys.codec.open(key, { collection, id }, envelope))
  return { id, record, ...clearOf(envelope) }
}
