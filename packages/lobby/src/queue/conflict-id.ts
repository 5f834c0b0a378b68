/**
 * Ids of queue rows. The same three bodies of the same record give the same id, so that a bundle imported again finds
 * the rows it made. The hash is keyed: row ids are readable in the store, and must not confirm a guess of a body.
 */
import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto'
import { canonicalJson, hashJson } from '../canonical-json.ts'
import type { Body } from '../import/types.ts'
import { putOnce, type State } from '../state.ts'
import type { ConflictRef } from './types.ts'

const KEY_ROW = 'queue-key'
const KEY_BYTES = 32

/** Made once per workspace; a plan takes it once, for a key object is dear. Without a workspace nothing is queued. */
export async function queueKey(state: State | null): Promise<KeyObject> {
  const key = state === null ? randomBytes(KEY_BYTES) : Buffer.from(await keyText(state), 'base64')
  return createSecretKey(key)
}

async function keyText(state: State): Promise<string> {
  const collection = state.vault.collection<{ key: string }>(state.identity.name)
  const stored = await collection.get(KEY_ROW)
  if (stored !== null) return stored.key
  return (await putOnce(collection, KEY_ROW, { key: randomBytes(KEY_BYTES).toString('base64') })).key
}

interface Bodies {
  readonly base: Body | null
  readonly ours: Body | null
  readonly theirs: Body | null
}

export function conflictIdOf(key: KeyObject, collection: string, recordId: string, bodies: Bodies): string {
  const text = canonicalJson([collection, recordId, bodies.base, bodies.ours, bodies.theirs])
  return createHmac('sha256', key).update(text).digest('hex').slice(0, 32)
}

/** Id of the index row in the state vault. */
export function indexId({ vault, collection, conflictId }: ConflictRef): string {
  return hashJson([vault, collection, conflictId]).slice(0, 40)
}
