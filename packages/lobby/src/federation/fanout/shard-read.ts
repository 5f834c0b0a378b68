/** One shard's share of a query. */
import { CrossShardJoinError } from '@noy-db/hub'
import type { Query, QueryRow, Vault } from '@noy-db/hub/kernel'
import type { ShardRef, VaultRegistryRow } from '../types.ts'
import type { CoPartitionedLeg, ShardedPlan } from './plan.ts'

export type Rows = readonly QueryRow<unknown>[]

/** Filtered and joined, some rows at a time. The records are the hub's, frozen where it keeps them. */
export async function* readShard(
  vault: Vault,
  plan: ShardedPlan,
  shard: VaultRegistryRow,
): AsyncGenerator<Rows> {
  for await (const rows of queryIn(vault, plan).chunks()) {
    yield plan.shardAs === null ? rows : withShard(rows, plan.shardAs, shard)
  }
}

/** Clauses come before joins, whatever the order of the calls: they see the left side only. */
function queryIn(vault: Vault, { collection, clauses, legs }: ShardedPlan): Query<unknown> {
  let query: Query<unknown> = vault.collection(collection).query()
  for (const { field, op, value } of clauses) query = query.where(field, op, value)
  for (const leg of legs) query = joined(query, vault, collection, leg)
  return query
}

function joined(
  query: Query<unknown>,
  vault: Vault,
  collection: string,
  leg: CoPartitionedLeg,
): Query<unknown> {
  const { field, as, maxRows, strategy } = leg
  const ref = vault.resolveRef(collection, field)
  if (ref === null)
    throw new CrossShardJoinError(
      `The template declares no reference for ${collection}.${field}, so it cannot be joined.`,
    )
  vault.collection(ref.target) // a join reads what this session has opened
  return query.join(field, {
    as,
    ...(maxRows !== undefined && { maxRows }),
    ...(strategy !== undefined && { strategy }),
  })
}

function withShard(rows: Rows, as: string, { vaultId, partitionKey }: VaultRegistryRow): Rows {
  return rows.map(({ id, record }) => {
    const origin: ShardRef = { vaultId, partitionKey, id }
    return { id, record: Object.assign({}, record, { [as]: origin }) }
  })
}
