/** Store operations for data keys that are new: in the minter's keyring file, and under the vault key. */
import type { KeyObject } from 'node:crypto'
import type { RowCodec } from '../crypto/row-codec.ts'
import { ConflictError, NoAccessError } from '../errors.ts'
import type { NoydbStore, TxOp } from '../types/store.ts'
import { generationOf, keyringEnvelope, KEYRING, readKeyring } from './keyring-file.ts'
import { sharedKeyOp } from './shared-keys.ts'
import type { UnlockedKeys } from './unlock.ts'
import { wrapKey } from './wrap.ts'

export interface Minter {
  readonly store: NoydbStore
  readonly vault: string
  readonly userId: string
  readonly codec: RowCodec
  readonly keys: UnlockedKeys
  readonly ts: string
}

/** @throws NoAccessError without the vault key, ConflictError when a rotation came first */
export async function mintOps(minter: Minter, minted: ReadonlyMap<string, KeyObject>): Promise<TxOp[]> {
  const { store, vault, userId, codec, keys, ts } = minter
  const { vaultKey, kek } = keys
  const own = await readKeyring(store, vault, userId)
  if (own === null || vaultKey === null) throw new NoAccessError()
  if (generationOf(own.file) !== keys.generation) throw new ConflictError(own.version)
  const deks = { ...own.file.deks }
  const ops: TxOp[] = []
  for (const [collection, key] of minted) {
    deks[collection] = wrapKey(kek, keys, collection, key)
    ops.push(sharedKeyOp({ vault, codec, vaultKey, by: userId, ts }, collection, key))
  }
  // On a store without `tx` the shared copies go first: they alone are enough to find the key again.
  const envelope = keyringEnvelope({ ...own.file, deks }, own.version + 1, ts)
  const expected = store.tx === undefined ? {} : { expectedVersion: own.version }
  ops.push({ vault, collection: KEYRING, id: userId, op: 'put', envelope, ...expected })
  return ops
}
