/** Computes a result again and again, as cheaply as what changed allows. */
import type { SkippedVault } from '../types.ts'

/** Vault ids of the shards that changed. */
export type Dirty = 'all' | ReadonlySet<string>

export interface Update<V> {
  readonly value: V
  readonly skippedVaults: readonly SkippedVault[]
  /** Whether value or skips differ from the update before; the first always does. */
  readonly changed: boolean
}

export interface Follower<V> {
  update(dirty: Dirty): Promise<Update<V>>
}

export function sameSkips(left: readonly SkippedVault[], right: readonly SkippedVault[]): boolean {
  if (left.length !== right.length) return false
  return left.every((skip, at) => skipText(skip) === skipText(right[at]))
}

function skipText(skip: SkippedVault | undefined): string {
  return JSON.stringify([skip?.vaultId, skip?.reason, skip?.error?.message])
}
