/**
 * `_deks/<collection>`: every data key under the vault key, where roles that read everything find what others
 * minted after their grant (decisions.md 11). `_old_deks/<generation>/<collection>`: keys a rotation replaced,
 * which frozen copies of old rows still need.
 */
import type { KeyObject } from 'node:crypto'
import { importKey } from '../crypto/aead.ts'
import type { RowCodec } from '../crypto/row-codec.ts'
import type { NoydbStore, TxWriteOp } from '../types/store.ts'
import { readPages } from '../transaction/store-write.ts'

const SHARED_KEYS = '_deks'
export const OLD_KEYS = '_old_deks'

export interface SharedKeyPlace {
  readonly vault: string
  readonly codec: RowCodec
  readonly vaultKey: KeyObject
  readonly by: string
  readonly ts: string
}

/** `replaces` is the version of the row that is there; 0 = none. */
export function sharedKeyOp(
  place: SharedKeyPlace,
  collection: string,
  key: KeyObject,
  replaces = 0,
): TxWriteOp {
  return keyOp(place, { collection: SHARED_KEYS, id: collection }, key, replaces)
}

export function oldKeyOp(
  place: SharedKeyPlace,
  generation: number,
  collection: string,
  key: KeyObject,
): TxWriteOp {
  return keyOp(place, { collection: OLD_KEYS, id: `${generation}/${collection}` }, key, 0)
}

function keyOp(
  { vault, codec, vaultKey, by, ts }: SharedKeyPlace,
  address: { collection: string; id: string },
  key: KeyObject,
  replaces: number,
): TxWriteOp {
  const clear = { version: replaces + 1, ts, by }
  const envelope = codec.seal(vaultKey, address, clear, key.export().toString('base64'))
  return { vault, ...address, op: 'put', envelope, expectedVersion: replaces }
}

export interface SharedKey {
  readonly key: KeyObject
  readonly version: number
}

type KeyReader = Pick<SharedKeyPlace, 'vault' | 'codec' | 'vaultKey'> & { readonly store: NoydbStore }

/** Null where nobody has minted one. @throws TamperedError */
export async function readSharedKey(
  { store, vault, codec, vaultKey }: KeyReader,
  collection: string,
): Promise<KeyObject | null> {
  const envelope = await store.get(vault, SHARED_KEYS, collection)
  if (envelope === null) return null
  return keyFrom(codec.open(vaultKey, { collection: SHARED_KEYS, id: collection }, envelope))
}

/** @throws TamperedError */
export async function readSharedKeys(reader: KeyReader): Promise<Map<string, SharedKey>> {
  const keys = new Map<string, SharedKey>()
  for await (const page of readPages(reader.store, reader.vault, SHARED_KEYS)) {
    for (const { id, envelope } of page) {
      const text = reader.codec.open(reader.vaultKey, { collection: SHARED_KEYS, id }, envelope)
      keys.set(id, { key: keyFrom(text), version: envelope._v })
    }
  }
  return keys
}

function keyFrom(base64: string): KeyObject {
  return importKey(Buffer.from(base64, 'base64'))
}
