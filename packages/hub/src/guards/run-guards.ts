/** Asking the guards of an instance about writes. What they see of a stored record comes from the store, not from a cache. */
import { cloneJson } from '../collection/json-value.ts'
import { readingKey } from '../collection/read-key.ts'
import type { GuardedWrite, GuardRun, WriteGuard } from '../transaction/guard-point.ts'
import { Slices } from '../transaction/slices.ts'
import type { Batch, StagedWrite } from '../transaction/staging.ts'
import { readRows } from '../transaction/store-write.ts'
import type { EncryptedEnvelope } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'

/** Rows read at once when a guard asks for the stored record of one of them. */
const CHUNK = 500

/** @param reason of the transaction @throws whatever a guard throws */
export async function runGuards(
  { core, sidecars }: Batch,
  writes: readonly StagedWrite[],
  reason: string | undefined,
): Promise<void> {
  const run: GuardRun = {
    staged(name) {
      const rows = [...sidecars.values()].filter(({ sidecar, row }) => sidecar === name && row !== undefined)
      return rows.map(({ row }) => row)
    },
  }
  for (const guard of core.session.guards) {
    const watched = writes.filter(({ collection }) => watches(guard, core.name, collection))
    for (const [collection, all] of Map.groupBy(watched, (write) => write.collection)) {
      for (let start = 0; start < all.length; start += CHUNK)
        await checkChunk({ core, run, reason, collection }, guard, all.slice(start, start + CHUNK))
    }
  }
}

function watches(guard: WriteGuard, vault: string, collection: string): boolean {
  return guard.watches?.(vault, collection) ?? collection === guard.collection
}

interface Asked {
  readonly core: VaultCore
  readonly run: GuardRun
  readonly reason: string | undefined
  readonly collection: string
}

async function checkChunk(asked: Asked, guard: WriteGuard, writes: readonly StagedWrite[]): Promise<void> {
  const { core, collection } = asked
  let reading: Promise<Array<EncryptedEnvelope | null>> | undefined
  const slices = new Slices()
  for (const [at, write] of writes.entries()) {
    const existing = async (): Promise<unknown> => {
      reading ??= readRows(
        core.store,
        core.name,
        collection,
        writes.map(({ id }) => id),
      )
      return openBody(core, collection, write.id, (await reading)[at] ?? null)
    }
    await guard.check(guardedWrite(asked, write, existing))
    if (slices.due()) await slices.pause()
  }
}

/** Not validated: a record that no longer fits its schema is protected like any other. */
async function openBody(
  core: VaultCore,
  collection: string,
  id: string,
  envelope: EncryptedEnvelope | null,
): Promise<unknown> {
  if (envelope === null) return null
  const key = await readingKey(core.keys, collection)
  return JSON.parse(core.keys.codec.open(key, { collection, id }, envelope)) as unknown // any JSON value
}

function guardedWrite(
  { core, run, reason: shared, collection }: Asked,
  write: StagedWrite,
  existing: GuardedWrite['existing'],
): GuardedWrite {
  const { id, op } = write
  const reason = write.options.reason ?? shared
  return {
    vault: core.name,
    collection,
    id,
    op,
    role: core.keys.role,
    ...(reason !== undefined && { reason }),
    record: op === 'put' ? cloneJson(write.record) : null,
    run,
    existing,
  }
}
