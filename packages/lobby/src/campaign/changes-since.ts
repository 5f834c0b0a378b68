/** What a restore would lose: the writes to a vault since its snapshot, without those of the migration itself. */
import type { CopiedRow } from '@noy-db/hub/copy'
import { LobbyError } from '../errors.ts'
import { readSnapshot } from '../snapshot/read.ts'
import type { CampaignShardRow } from './types.ts'

/**
 * Versions only grow, and the migration raises that of each record it rewrote by one. So every record that came, went or
 * was raised beyond that was written by somebody else. @throws LobbyError SNAPSHOT_INVALID
 */
export async function changesSince(
  file: string,
  stored: AsyncIterable<readonly CopiedRow[]>,
  { migrated = 0 }: Pick<CampaignShardRow, 'migrated'>,
): Promise<number> {
  const before = await versionsIn(file)
  let [raised, came] = [0, 0]
  for await (const page of stored) {
    for (const row of page) {
      if (!isRecord(row)) continue
      const key = keyOf(row)
      const version = before.get(key)
      if (version === undefined) came += 1
      else raised += row.envelope._v - version
      before.delete(key)
    }
  }
  const went = before.size
  // A record that the migration had rewritten may be among those that went.
  return came + went + Math.max(0, raised - migrated)
}

/** @throws LobbyError CAMPAIGN_CHANGED_SINCE */
export function assertNothingLost(
  changes: readonly { readonly vaultId: string; readonly changes: number }[],
): void {
  const lost = changes.filter((shard) => shard.changes > 0)
  if (lost.length === 0) return
  const each = lost.map((shard) => `${shard.vaultId} (${shard.changes})`).join(', ')
  throw new LobbyError(
    'CAMPAIGN_CHANGED_SINCE',
    `Records were changed since the snapshot, and a restore would lose that: ${each}.`,
  )
}

async function versionsIn(file: string): Promise<Map<string, number>> {
  const versions = new Map<string, number>()
  for await (const part of readSnapshot(file)) {
    if (!('rows' in part)) continue
    for (const row of part.rows) if (isRecord(row)) versions.set(keyOf(row), row.envelope._v)
  }
  return versions
}

/** Reserved rows follow the records. */
function isRecord({ collection }: CopiedRow): boolean {
  return !collection.startsWith('_')
}

function keyOf({ collection, id }: CopiedRow): string {
  return `${collection}/${id}` // no collection has a slash in its name
}
