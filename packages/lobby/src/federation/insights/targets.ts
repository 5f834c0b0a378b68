/** Where summaries may go: never into client data or the control plane. */
import { STATE_VAULT_NAME, ValidationError } from '@noy-db/hub'
import type { GroupCore } from '../group-core.ts'
import { knownTo } from '../known-groups.ts'
import { isShardOf } from '../names.ts'
import type { InsightTarget } from './types.ts'

/** What can be told without reading. @throws ValidationError */
export function assertTarget(group: GroupCore, { vault }: InsightTarget): void {
  const { groups, registries } = knownTo(group.db)
  if (vault === STATE_VAULT_NAME || registries.has(vault))
    throw new ValidationError(`Summaries are not written into the control plane (${vault}).`)
  for (const name of groups) {
    if (vault === name || isShardOf(name, vault))
      throw new ValidationError(
        `Summaries are not written into the client data of the group ${name} (${vault}).`,
      )
  }
}

/** Also shards of groups that are registered and not open. @throws ValidationError */
export async function assertNoShard(group: GroupCore, { vault }: InsightTarget): Promise<void> {
  const row = await group.registry.collection.get(vault)
  if (row !== null)
    throw new ValidationError(`Summaries are not written into the shard ${vault} of ${row.group}.`)
}
