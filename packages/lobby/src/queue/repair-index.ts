/**
 * Brings the index back in line with the vaults: after a crash between two stores, a restored vault, or a merge that
 * had no workspace. Keys are compared without decrypting; only rows the index lacks are read.
 */
import type { SidecarKey, VaultApi } from '@noy-db/hub'
import { canonicalJson } from '../canonical-json.ts'
import { indexId } from './conflict-id.ts'
import { CONFLICTS, summaryOf } from './conflict-row.ts'
import type { QueueContext } from './queue-context.ts'
import type { ConflictRow, ConflictSummary } from './types.ts'

export type RepairMode = 'keys' | 'full' | 'off'

export interface RepairReport {
  readonly added: number
  readonly removed: number
  readonly changed: number
  /** Vaults that could not be read; their rows stay as they were. */
  readonly skipped: readonly { readonly vault: string; readonly message: string }[]
}

interface Difference {
  readonly put: ConflictSummary[]
  readonly remove: string[]
  added: number
}

/** `full` also compares what the rows say, which decrypts every one. */
export async function repairIndex(
  context: QueueContext,
  vaults: readonly string[],
  mode: RepairMode,
): Promise<RepairReport> {
  const skipped: { vault: string; message: string }[] = []
  const difference: Difference = { put: [], remove: [], added: 0 }
  const indexed = new Map((await context.state.index.entries()).map(({ id, record }) => [id, record]))
  for (const name of vaults) {
    try {
      await compareVault(await context.openVault(name), indexed, mode, difference)
    } catch (error) {
      skipped.push({ vault: name, message: error instanceof Error ? error.message : String(error) })
    }
  }
  await writeDifference(context, difference)
  const { added, put, remove } = difference
  return { added, removed: remove.length, changed: put.length - added, skipped }
}

async function compareVault(
  vault: VaultApi,
  indexed: ReadonlyMap<string, ConflictSummary>,
  mode: RepairMode,
  difference: Difference,
): Promise<void> {
  const sidecar = vault.sidecar<ConflictRow>(CONFLICTS)
  const keys = await sidecar.keys()
  const byId = new Map(keys.map((key) => [idOf(vault, key), key]))
  for (const [id, row] of indexed) {
    if (row.vault === vault.name && !byId.has(id)) difference.remove.push(id)
  }
  const wanted = [...byId].filter(([id]) => mode === 'full' || !indexed.has(id)).map(([, key]) => key)
  for (const stored of await sidecar.getMany(wanted)) {
    if (stored === null) continue
    const summary = summaryOf(stored.row)
    const known = indexed.get(indexId(summary))
    if (known !== undefined && canonicalJson(known) === canonicalJson(summary)) continue
    difference.put.push(summary)
    if (known === undefined) difference.added += 1
  }
}

function idOf(vault: VaultApi, { collection = '', key }: SidecarKey): string {
  return indexId({ vault: vault.name, collection, conflictId: key })
}

async function writeDifference({ db, state }: QueueContext, { put, remove }: Difference): Promise<void> {
  if (put.length + remove.length === 0) return
  await db.transaction(
    (tx) => {
      for (const summary of put) tx.put(state.vault, state.index.name, indexId(summary), summary)
      for (const id of remove) tx.delete(state.vault, state.index.name, id)
    },
    { command: 'conflicts.repairIndex' },
  )
}
