/** The version each write replaces, verbatim: its ciphertext stays bound to where and when it was written. */
import { tombstoneKey } from '../collection/tombstones.ts'
import { ConflictError } from '../errors.ts'
import { HISTORY, historyId } from '../history/history-id.ts'
import type { EncryptedEnvelope, TxOp } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import type { PlannedRow, PlannedWrite } from './plan.ts'
import { readRows } from './store-write.ts'

/** What keeps the stored version of a row; to be applied before the row changes. Undefined without history. */
export type EarlierVersions = ((row: PlannedRow) => TxOp) | undefined

/** Reads the replaced envelopes where the store cannot copy them itself; a promise only then. */
export function earlierVersions(
  core: VaultCore,
  writes: readonly PlannedWrite[],
): EarlierVersions | Promise<EarlierVersions> {
  if (!core.session.history) return undefined
  if (core.store.tx !== undefined && core.store.capabilities?.txCopy === true) {
    return ({ collection, id, current }) => {
      const toId = historyId(collection, id, current)
      return { vault: core.name, collection, id, op: 'copy', toCollection: HISTORY, toId }
    }
  }
  return copiesOf(core, writes)
}

async function copiesOf(core: VaultCore, writes: readonly PlannedWrite[]): Promise<EarlierVersions> {
  const replaced = await replacedEnvelopes(core, writes)
  return ({ collection, id, current }) => {
    const envelope = replaced.get(tombstoneKey(collection, id))
    if (envelope?._v !== current) throw new ConflictError(envelope?._v ?? 0)
    const place = { vault: core.name, collection: HISTORY, id: historyId(collection, id, current) }
    return { ...place, op: 'put', envelope }
  }
}

async function replacedEnvelopes(core: VaultCore, writes: readonly PlannedWrite[]) {
  const ids = new Map<string, string[]>()
  for (const { collection, id, current } of writes) {
    if (current === 0) continue
    const group = ids.get(collection)
    if (group === undefined) ids.set(collection, [id])
    else group.push(id)
  }
  const found = new Map<string, EncryptedEnvelope | null>()
  for (const [collection, group] of ids) {
    const envelopes = await readRows(core.store, core.name, collection, group)
    for (const [at, id] of group.entries()) found.set(tombstoneKey(collection, id), envelopes[at] ?? null)
  }
  return found
}
