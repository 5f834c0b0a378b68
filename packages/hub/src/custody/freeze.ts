/** A copy of every record's envelope as it stands, with a hash over all of them. Nothing is decrypted. */
import { createHash } from 'node:crypto'
import { FROZEN } from '../keyring/row-place.ts'
import { compareIds } from '../memory/id-order.ts'
import { Slices } from '../transaction/slices.ts'
import { readPages, type StoredRow } from '../transaction/store-write.ts'
import type { EncryptedEnvelope, NoydbStore, TxWriteOp } from '../types/store.ts'
import { storedCollections } from '../vault/stored-names.ts'

export interface Frozen {
  readonly ops: readonly TxWriteOp[]
  readonly sha256: string
}

export async function freeze(store: NoydbStore, vault: string, withdrawalId: string): Promise<Frozen> {
  const hash = createHash('sha256')
  const ops: TxWriteOp[] = []
  const slices = new Slices()
  for (const collection of (await storedCollections(store, vault)).sort(compareIds)) {
    for (const { id, envelope } of await rowsInOrder(store, vault, collection)) {
      hash.update(`${frozenLine(collection, id, envelope)}\n`)
      const frozenId = `${withdrawalId}/${collection}/${id}`
      ops.push({ vault, collection: FROZEN, id: frozenId, op: 'put', envelope })
      if (slices.due()) await slices.pause()
    }
  }
  return { ops, sha256: hash.digest('hex') }
}

async function rowsInOrder(store: NoydbStore, vault: string, collection: string): Promise<StoredRow[]> {
  const rows: StoredRow[] = []
  for await (const page of readPages(store, vault, collection)) rows.push(...page)
  return rows.sort((left, right) => compareIds(left.id, right.id))
}

function frozenLine(collection: string, id: string, envelope: EncryptedEnvelope): string {
  const { _v, _ts, _iv, _data, _by = null, _source = null, _sourceTs = null } = envelope
  return JSON.stringify([collection, id, _v, _ts, _by, _source, _sourceTs, _iv, _data])
}
