/** Takes back a vault that a failed call has just made: it has keys and no past worth keeping. */
import { ValidationError } from '../errors.ts'
import { KEYRING } from '../keyring/keyring-file.ts'
import { writeRows } from '../transaction/store-write.ts'
import type { NoydbStore, TxOp } from '../types/store.ts'
import { storedCollections, storedReserved } from '../vault/stored-names.ts'

/** The keyrings go last: where the store has no transactions, a vault that is half gone can still be opened. */
export async function discardVault(store: NoydbStore, vault: string): Promise<void> {
  const filled = await storedCollections(store, vault)
  if (filled.length > 0) throw new ValidationError(`The vault ${vault} holds records and is not taken back.`)
  const ops: TxOp[] = []
  for (const collection of [...(await storedReserved(store, vault)), '_tx', KEYRING]) {
    for (const id of await store.list(vault, collection)) ops.push({ vault, collection, id, op: 'delete' })
  }
  await writeRows(store, ops)
}
