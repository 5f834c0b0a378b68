/** Transaction operations as flat cells: five that every operation has, then what its kind needs. */
import type { TxOp } from '@noy-db/hub/store'
import { pushEnvelope } from './envelope.ts'
import { isStorable, refuse } from './errors.ts'
import { type Cell, opKinds } from './host/protocol.ts'

/**
 * Appends kind, vault, collection, id, expected version or null; then the envelope of a put, the target of a copy, or
 * the number of tokens and the tokens.
 */
export function pushOp(cells: Cell[], op: TxOp): void {
  checkName(op.vault, op.collection, op.id)
  if (op.op === 'copy') {
    checkName(op.vault, op.toCollection, op.toId)
    cells.push(opKinds.copy, op.vault, op.collection, op.id, null, op.toCollection, op.toId)
    return
  }
  cells.push(opKinds[op.op], op.vault, op.collection, op.id, op.expectedVersion ?? null)
  if (op.op === 'index') return void cells.push(op.tokens.length, ...op.tokens)
  if (op.op !== 'put') return
  if (op.envelope === undefined) refuse(`The put of "${op.id}" has no envelope.`)
  pushEnvelope(cells, op.envelope)
}

/** Names that SQLite would change are refused. */
export function checkName(vault: string, collection: string, id: string): void {
  if (isStorable(vault) && isStorable(collection) && isStorable(id)) return
  refuse('A vault, collection or record name is not valid Unicode.')
}
