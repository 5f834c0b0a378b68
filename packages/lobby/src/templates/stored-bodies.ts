/** Bodies as they are stored, past the schema a collection declares now: those of an older version would not fit it. */
import type { LongWork, VaultApi } from '@noy-db/hub'
import type { EncryptedEnvelope } from '@noy-db/hub/store'
import { onlySignal, pace } from '../pace.ts'
import type { Row } from './runner/outcome.ts'

export interface StoredRow extends Row {
  readonly version: number
}

const AT_ONCE = 200

/** Every record of a collection whose version is not the one in `known`. @throws the hub's errors for keys and tampering */
export async function readStored(
  vault: VaultApi,
  collection: string,
  known: ReadonlyMap<string, number>,
  work?: LongWork,
): Promise<{ rows: StoredRow[]; ids: ReadonlySet<string> }> {
  const inside = vault._introspectState()
  const ids = await inside.adapter.list(vault.name, collection)
  if (ids.length > 0) await inside.getDEK(collection)
  const slices = pace(onlySignal(work))
  const rows: StoredRow[] = []
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const some = ids.slice(at, at + AT_ONCE)
    const envelopes = await envelopesOf(vault, collection, some)
    for (const [index, id] of some.entries()) {
      const envelope = envelopes[index] ?? null
      if (envelope === null || known.get(id) === envelope._v) continue
      await slices.step()
      rows.push({ id, body: inside.openEnvelope(collection, id, envelope), version: envelope._v })
    }
  }
  return { rows, ids: new Set(ids) }
}

function envelopesOf(
  vault: VaultApi,
  collection: string,
  ids: readonly string[],
): Promise<(EncryptedEnvelope | null)[]> {
  const { adapter } = vault._introspectState()
  if (adapter.getMany !== undefined) return adapter.getMany(vault.name, collection, ids)
  return Promise.all(ids.map((id) => adapter.get(vault.name, collection, id)))
}
