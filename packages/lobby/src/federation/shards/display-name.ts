/** The name of the client, in a reserved row of the shard itself: who may not open the shard cannot read it. */
import type { Transaction } from '@noy-db/hub'
import type { Vault } from '@noy-db/hub/kernel'
import { fanOut } from '../fanout/fan-out.ts'
import type { GroupCore } from '../group-core.ts'
import type { FleetWork } from '../types.ts'

const SIDECAR = '_shard'
const PROFILE = { key: 'profile' }

interface Profile {
  readonly displayName: string
}

export function stageDisplayName(tx: Transaction, vault: Vault, displayName: string): void {
  tx.putSidecar(vault, SIDECAR, PROFILE, { displayName } satisfies Profile)
}

/** By partition key; shards without a name, or that this user cannot open, are left out. */
export async function displayNames(group: GroupCore, work: FleetWork): Promise<Map<string, string>> {
  const rows = (await group.registry.rows()).filter(({ status }) => status !== 'removed')
  const answers = await fanOut(rows, async (row) => readDisplayName(await group.open(row)), work)
  const names = new Map<string, string>()
  for (const { row, answer } of answers) {
    if (answer !== undefined && answer !== null) names.set(row.partitionKey, answer)
  }
  return names
}

async function readDisplayName(vault: Vault): Promise<string | null> {
  return (await vault.sidecar<Profile>(SIDECAR).get(PROFILE))?.row.displayName ?? null
}
