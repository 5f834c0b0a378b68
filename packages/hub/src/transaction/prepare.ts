/** What may refuse a transaction before any lock is taken, in the order of the contract (section 5.2, 1 to 5). */
import { assertMayWrite } from '../keyring/roles.ts'
import { cloneJson, toJsonValue } from '../collection/json-value.ts'
import { runGuards } from '../guards/run-guards.ts'
import { expandDeletes } from '../refs/check-refs.ts'
import { validateRecord } from '../schema/validate.ts'
import type { LongWork } from '../types/collection.ts'
import type { WriteEvent } from '../types/events.ts'
import type { TransactionOptions } from '../types/transaction.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import { Slices } from './slices.ts'
import type { Batch, StagedWrite, Staging } from './staging.ts'

export async function prepareBatch(
  batch: Batch,
  staging: Staging,
  options: TransactionOptions,
): Promise<void> {
  const { core } = batch
  const asked = batch.writes.size
  await core.schema.check(batch.byCollection().keys())
  if (core.session.hooks.wantsBefore) await runBeforeHooks(core, [...batch.writes.values()], staging.id)
  for (const collection of batch.byCollection().keys()) assertMayWrite(core.keys, collection)
  assertMayWriteSidecars(batch)
  if (core.session.guards.length > 0) await runGuards(batch, [...batch.writes.values()], options.reason)
  if (batch.hasDeletes) await expandDeletes(batch)
  if (batch.writes.size > asked) await prepareAdded(batch, asked, staging, options.reason)
  await validateBatch(batch, options)
}

/** Deletes that references brought along are asked about like any other; new writes come last in a batch. */
async function prepareAdded(
  batch: Batch,
  from: number,
  staging: Staging,
  reason: string | undefined,
): Promise<void> {
  const { core } = batch
  const added = [...batch.writes.values()].slice(from)
  const collections = new Set(added.map(({ collection }) => collection))
  await core.schema.check(collections)
  if (core.session.hooks.wantsBefore) await runBeforeHooks(core, added, staging.id)
  for (const collection of collections) assertMayWrite(core.keys, collection)
  await runGuards(batch, added, reason)
}

/**
 * Once more under the vault's lock, before each attempt to write: a cutover may have begun, a record may have
 * become final, rows may have come that a delete takes along. Hooks are not run again.
 */
export async function confirmBatch(batch: Batch, reason: string | undefined): Promise<void> {
  const { core } = batch
  const reading = core.schema.confirm(batch.byCollection().keys())
  if (reading !== undefined) await reading
  for (const collection of batch.byCollection().keys()) assertMayWrite(core.keys, collection)
  if (core.session.guards.length > 0) await runGuards(batch, [...batch.writes.values()], reason)
}

function assertMayWriteSidecars({ core, sidecars }: Batch): void {
  for (const { sidecar, keyCollection } of sidecars.values()) {
    assertMayWrite(core.keys, keyCollection === sidecar ? null : keyCollection)
  }
}

async function runBeforeHooks(core: VaultCore, writes: readonly StagedWrite[], txId: string): Promise<void> {
  for (const write of writes) {
    const before = await core.stateOf(write.collection).rows.read(write.id)
    const state = { record: before?.record ?? null, version: before?.version ?? 0 }
    await core.session.hooks.runBefore(writeEvent(core, txId, write, state, state.version + 1))
  }
}

/** `version` is the one after the write; for a delete the last one. */
export function writeEvent(
  core: VaultCore,
  txId: string,
  write: StagedWrite,
  before: { readonly record: unknown; readonly version: number },
  version: number,
): WriteEvent {
  const update = before.version > 0 ? 'update' : 'create'
  return {
    op: write.op === 'delete' ? 'delete' : update,
    vault: core.name,
    collection: write.collection,
    docId: write.id,
    before: cloneJson(before.record),
    after: write.op === 'put' ? cloneJson(write.record) : null,
    baseVersion: before.version,
    version: write.op === 'put' ? version : before.version,
    userId: core.keys.userId,
    timestamp: core.session.clock(),
    txId,
  }
}

/** The validator's output is what gets stored. */
async function validateBatch(batch: Batch, work: LongWork): Promise<void> {
  const slices = new Slices(withoutProgress(work))
  for (const [collection, writes] of batch.byCollection()) {
    const { schema } = batch.core.stateOf(collection).options
    if (schema === undefined) continue
    for (const write of writes) {
      if (write.op === 'delete') continue
      const valid = validateRecord(schema, write.record, 'input')
      batch.replaceRecord(write, toJsonValue(valid instanceof Promise ? await valid : valid))
      if (slices.due()) await slices.pause()
    }
  }
}

/** Progress counts sealed rows; the steps before only listen to the signal. */
export function withoutProgress({ signal }: LongWork): LongWork {
  return signal === undefined ? {} : { signal }
}
