/** What may refuse a transaction before any lock is taken, in the order of the contract (section 5.2, 1 to 5). */
import { assertMayWrite } from '../keyring/roles.ts'
import { cloneJson, toJsonValue } from '../collection/json-value.ts'
import { expandDeletes } from '../refs/check-refs.ts'
import { validateRecord } from '../schema/validate.ts'
import type { LongWork } from '../types/collection.ts'
import type { WriteEvent } from '../types/events.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import type { GuardedWrite } from './guard-point.ts'
import { Slices } from './slices.ts'
import type { Batch, StagedWrite, Staging } from './staging.ts'

export async function prepareBatch(batch: Batch, staging: Staging, work: LongWork): Promise<void> {
  const { core } = batch
  const collections = [...batch.byCollection().keys()]
  for (const gate of core.gates) await gate(collections)
  if (core.session.hooks.wantsBefore) await runBeforeHooks(batch, staging.id)
  assertPermissions(batch, collections)
  await expandDeletes(batch)
  await runGuards(batch)
  await validateBatch(batch, work)
}

function assertPermissions({ core, sidecars }: Batch, collections: readonly string[]): void {
  for (const collection of collections) assertMayWrite(core.keys, collection)
  for (const { sidecar, keyCollection } of sidecars.values()) {
    assertMayWrite(core.keys, keyCollection === sidecar ? null : keyCollection)
  }
}

async function runBeforeHooks({ core, writes }: Batch, txId: string): Promise<void> {
  for (const write of [...writes.values()]) {
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

async function runGuards({ core, writes }: Batch): Promise<void> {
  for (const guard of core.session.guards) {
    for (const write of writes.values()) {
      if (guard.collection === write.collection) await guard.check(guardedWrite(core, write))
    }
  }
}

function guardedWrite(core: VaultCore, write: StagedWrite): GuardedWrite {
  const { collection, id, op } = write
  return {
    vault: core.name,
    collection,
    id,
    op,
    role: core.keys.role,
    record: op === 'put' ? cloneJson(write.record) : null,
    existing: async () => (await core.stateOf(collection).rows.readStored(id))?.record ?? null,
  }
}

/** The validator's output is what gets stored. */
async function validateBatch(batch: Batch, work: LongWork): Promise<void> {
  const slices = new Slices(withoutProgress(work))
  for (const write of [...batch.writes.values()]) {
    const { schema } = batch.core.stateOf(write.collection).options
    if (write.op === 'delete' || schema === undefined) continue
    const valid = validateRecord(schema, write.record, 'input')
    batch.replaceRecord(write, toJsonValue(valid instanceof Promise ? await valid : valid))
    if (slices.due()) await slices.pause()
  }
}

/** Progress counts sealed rows; the steps before only listen to the signal. */
export function withoutProgress({ signal }: LongWork): LongWork {
  return signal === undefined ? {} : { signal }
}
