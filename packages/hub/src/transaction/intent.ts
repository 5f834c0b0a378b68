/**
 * Several rows at once on a store without `tx`: an encrypted intent `_tx/<ulid>` in every vault touched,
 * then the rows, then the intents away. The first vault's intent is written last and removed before the
 * others: while it is there, the transaction is decided and gets rolled forward by whoever opens the vault;
 * an intent whose first vault knows nothing of it was never decided, or is done, and is dropped.
 */
import type { EncryptedEnvelope, NoydbStore, TxOp } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import { readingKey } from '../collection/read-key.ts'

const INTENTS = '_tx'

export interface IntentPart {
  readonly core: VaultCore
  readonly ops: readonly TxOp[]
}

interface IntentBody {
  /** The vault whose intent decides. */
  readonly first: string
  /** The other vaults of the transaction. */
  readonly others: readonly string[]
  readonly ops: readonly TxOp[]
}

/** `parts` in the order of vault names. */
export async function writeWithIntent(parts: readonly IntentPart[], txId: string, ts: string): Promise<void> {
  const [first, ...others] = parts
  if (first === undefined) return
  try {
    for (const part of [...others, first]) await putIntent(part, first, others, txId, ts)
  } catch (error) {
    await removeIntents(parts, txId)
    throw error
  }
  // Decided from here on: what fails now is tried once more, and else finished when the vault is next opened.
  try {
    for (const { core, ops } of parts) for (const op of ops) await apply(core.store, op)
  } catch {
    for (const { core } of parts) core.dropCaches()
    for (const { core, ops } of parts) for (const op of ops) await apply(core.store, op)
  }
  await removeIntents(parts, txId)
}

async function removeIntents(parts: readonly IntentPart[], txId: string): Promise<void> {
  for (const { core } of parts) await core.store.delete(core.name, INTENTS, txId)
}

async function putIntent(
  part: IntentPart,
  first: IntentPart,
  others: readonly IntentPart[],
  txId: string,
  ts: string,
) {
  const { core, ops } = part
  const body: IntentBody = { first: first.core.name, others: others.map((other) => other.core.name), ops }
  await core.keys.ensure([INTENTS])
  const key = await readingKey(core.keys, INTENTS)
  const address = { collection: INTENTS, id: txId }
  const envelope = core.keys.codec.seal(
    key,
    address,
    { version: 1, ts, by: core.keys.userId },
    JSON.stringify(body),
  )
  await core.store.put(core.name, INTENTS, txId, envelope)
}

/** Finishes what a session that died had decided. Called when a vault is opened, before anything reads it. */
export async function rollForward(core: VaultCore): Promise<void> {
  for (const txId of await core.store.list(core.name, INTENTS)) {
    const envelope = await core.store.get(core.name, INTENTS, txId)
    if (envelope !== null) await finishIntent(core, txId, envelope)
  }
}

async function finishIntent(core: VaultCore, txId: string, envelope: EncryptedEnvelope): Promise<void> {
  const key = await readingKey(core.keys, INTENTS)
  const text = core.keys.codec.open(key, { collection: INTENTS, id: txId }, envelope)
  const { first, others, ops } = JSON.parse(text) as IntentBody // sealed by us
  if (await isDecided(core, first, txId)) for (const op of ops) await applyLate(core.store, op)
  const isFirst = first === core.name
  if (isFirst && (await anyHolds(core.store, others, txId))) return // they still need to see that it was decided
  await core.store.delete(core.name, INTENTS, txId)
}

async function isDecided(core: VaultCore, first: string, txId: string): Promise<boolean> {
  return first === core.name || (await core.store.get(first, INTENTS, txId)) !== null
}

async function anyHolds(store: NoydbStore, vaults: readonly string[], txId: string): Promise<boolean> {
  for (const vault of vaults) {
    if ((await store.get(vault, INTENTS, txId)) !== null) return true
  }
  return false
}

/** The last write wins, also over a version that another instance has put there since this one looked. */
async function apply(store: NoydbStore, op: TxOp): Promise<void> {
  if (op.op === 'put' && op.envelope !== undefined)
    await store.put(op.vault, op.collection, op.id, op.envelope)
  if (op.op === 'delete') await store.delete(op.vault, op.collection, op.id)
}

/** When the vault is next opened: a row that has moved on is left alone. */
async function applyLate(store: NoydbStore, op: TxOp): Promise<void> {
  const stored = (await store.get(op.vault, op.collection, op.id))?._v ?? 0
  const isDue = op.op === 'delete' ? stored <= (op.expectedVersion ?? stored) : stored < versionOf(op)
  if (isDue) await apply(store, op)
}

function versionOf(op: TxOp): number {
  return op.op === 'put' ? (op.envelope?._v ?? 0) : 0
}
