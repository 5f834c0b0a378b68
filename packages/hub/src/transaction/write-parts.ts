/** The last step of a transaction: its operations, made on the way, into the store, all or nothing. */
import type { NoydbStore, TxOp } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import { writeWithIntent, type IntentPart } from './intent.ts'
import { allParts, streamedParts, type Making } from './operations.ts'
import { writeRows } from './store-write.ts'

/** Some operations of one vault. */
export interface WritePart {
  readonly core: VaultCore
  readonly ops: readonly TxOp[]
}

/** `isLong`: making and storing the operations takes long enough to be worth doing at once. */
export async function writeParts(store: NoydbStore, making: Making, isLong: boolean): Promise<void> {
  if (store.txStream !== undefined && isLong) return store.txStream(operations(streamedParts(making)))
  const parts = isLong ? await gather(streamedParts(making)) : await allParts(making)
  if (store.tx !== undefined) return writeRows(store, opsOf(parts))
  const parted = parts.map(({ core, ops }): IntentPart => ({ core, ops: withoutAssertions(ops) }))
  if (!needsIntent(opsOf(parted))) return writeRows(store, opsOf(parted))
  await writeWithIntent(parted, making.staging.id, making.ts)
}

async function* operations(parts: AsyncIterable<WritePart>): AsyncGenerator<readonly TxOp[]> {
  for await (const { ops } of parts) yield ops
}

function opsOf(parts: readonly WritePart[]): readonly TxOp[] {
  const [first, ...others] = parts
  return first !== undefined && others.length === 0 ? first.ops : parts.flatMap(({ ops }) => ops)
}

/** One part for each vault, in the order of the first. */
async function gather(parts: AsyncIterable<WritePart>): Promise<WritePart[]> {
  const byVault = new Map<VaultCore, TxOp[]>()
  for await (const { core, ops } of parts) {
    const known = byVault.get(core)
    if (known === undefined) byVault.set(core, [...ops])
    else for (const op of ops) known.push(op)
  }
  return [...byVault].map(([core, ops]) => ({ core, ops }))
}

/** Without `tx` a delete of a tombstone that is not there asserts nothing, so it is left out. */
function withoutAssertions(ops: readonly TxOp[]): TxOp[] {
  return ops.filter((op) => !(op.op === 'delete' && op.expectedVersion === 0))
}

/** One record with its history copy and tombstone is safe in any half; more than one, or an audit entry, is not. */
function needsIntent(ops: readonly TxOp[]): boolean {
  return ops.filter(({ collection }) => collection !== '_history' && collection !== '_tombstones').length > 1
}
