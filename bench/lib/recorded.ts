/** What our store is asked to write, kept so that the peers can write exactly the same rows in the same transactions. */
import type { NoydbStore, TxOp } from '@noy-db/hub/store'

interface Place {
  readonly collection: string
  readonly id: string
}

/** Bodies are plain text as long as what was encrypted. */
export type PeerOp =
  | (Place & { readonly op: 'put'; readonly v: number; readonly ts: string; readonly body: string })
  | (Place & { readonly op: 'delete' })
  | (Place & { readonly op: 'copy'; readonly to: Place })

export type Transactions = readonly (readonly PeerOp[])[]

const TAG_BYTES = 16
const filler = 'amount due, tax included, payable within thirty days of receipt; '

/** The store, noting every transaction in `into`; each comes whole. */
export function recording(store: NoydbStore, into: (readonly PeerOp[])[]): NoydbStore {
  const { txStream: _whole, ...rest } = store
  return {
    ...rest,
    async tx(ops) {
      await store.tx?.(ops)
      const rows = ops.flatMap(peerOp)
      if (rows.length > 0) into.push(rows)
    },
  }
}

/** A delete that asserts absence writes nothing, so the peer is spared it. */
function peerOp(op: TxOp): PeerOp[] {
  const place = { collection: `${op.vault}/${op.collection}`, id: op.id }
  if (op.op === 'copy') {
    return [{ ...place, op: 'copy', to: { collection: `${op.vault}/${op.toCollection}`, id: op.toId } }]
  }
  if (op.op === 'delete') return op.expectedVersion === 0 ? [] : [{ ...place, op: 'delete' }]
  // A check reads, and no bench writes to an indexed collection.
  if (op.op !== 'put' || op.envelope === undefined) return []
  const { _v, _ts, _data, _iv } = op.envelope
  const bytes = _iv === '' ? _data.length : Buffer.byteLength(_data, 'base64') - TAG_BYTES
  return [{ ...place, op: 'put', v: _v, ts: _ts, body: textOf(bytes) }]
}

function textOf(bytes: number): string {
  return filler.repeat(Math.ceil(bytes / filler.length)).slice(0, bytes)
}

export function rowsOf(transactions: Transactions): number {
  return transactions.reduce((sum, { length }) => sum + length, 0)
}
