/** `_meta/schema-fence`: the schema generation of a vault and whether a cutover is under way. */
import type { FenceState } from '../types/schema.ts'
import type { NoydbStore } from '../types/store.ts'

export interface Fence {
  readonly currentSchemaVersion: number
  readonly fenceState: FenceState
}

const NONE: Fence = { currentSchemaVersion: 0, fenceState: 'normal' }
const STATES: readonly FenceState[] = ['normal', 'draining', 'migrating', 'complete']

/** Live from the store; missing or unreadable counts as generation 0, normal. */
export async function readFence(store: NoydbStore, vault: string): Promise<Fence> {
  const row = await store.get(vault, '_meta', 'schema-fence')
  return row === null ? NONE : parseFence(row._data)
}

function parseFence(text: string): Fence {
  try {
    const fence = JSON.parse(text) as { currentSchemaVersion?: unknown; fenceState?: unknown } // checked next
    const fenceState = STATES.find((state) => state === fence.fenceState)
    const generation = fence.currentSchemaVersion
    if (fenceState === undefined || typeof generation !== 'number' || !Number.isInteger(generation))
      return NONE
    return { currentSchemaVersion: generation, fenceState }
  } catch {
    return NONE // not JSON: unreadable, as the contract has it
  }
}
