/**
 * What an import keeps to be undone: sidecar `_imports`. One summary per vault, and the earlier bodies in chunks under
 * the DEK of their collection, so that who may not read a collection cannot read it here either.
 */
import type { SidecarKey, VaultApi } from '@noy-db/hub'
import type { BaseRow } from '../exchange/bases.ts'
import type { EarlierRecord } from '../queue/types.ts'
import type { Pace } from '../pace.ts'
import { readMany } from '../sidecar-rows.ts'
import type { RowCounts } from './types.ts'

export const IMPORTS = '_imports'
const CHUNK_ROWS = 100
const CHUNK_CHARS = 512 * 1024

export interface UndoEntry {
  readonly id: string
  /** The record before; null = there was none. Absent where the import did not write the record. */
  readonly before?: EarlierRecord | null
  /** Hash of the body the import wrote; absent where it deleted the record. */
  readonly afterHash?: string
  /** Base before; null = there was none. Absent where the base did not move. */
  readonly baseBefore?: BaseRow | null
  /** Queue row this import made or reopened. */
  readonly conflictId?: string
}

export interface UndoChunk {
  readonly importId: string
  readonly collection: string
  readonly entries: readonly UndoEntry[]
}

export interface VaultImportRow {
  readonly importId: string
  readonly party: string | null
  readonly exchangeId: string | null
  readonly containerSha256: string
  readonly appliedAt: string
  readonly counts: RowCounts
  /** Number of chunks by collection, in the order of writing. */
  readonly chunks: readonly { readonly collection: string; readonly count: number }[]
  readonly status: 'applied' | 'undone'
}

export function chunkKey(importId: string, collection: string, at: number): SidecarKey {
  return { collection, key: `${importId}.${at}` }
}

export async function splitIntoChunks(
  importId: string,
  collection: string,
  entries: readonly UndoEntry[],
  slices: Pace,
): Promise<UndoChunk[]> {
  const groups: UndoEntry[][] = []
  let chars = 0
  for (const entry of entries) {
    await slices.step()
    const size = roughSize(entry)
    const last = groups.at(-1)
    if (last === undefined || last.length >= CHUNK_ROWS || chars + size > CHUNK_CHARS) {
      groups.push([entry])
      chars = size
    } else {
      last.push(entry)
      chars += size
    }
  }
  return groups.map((group) => ({ importId, collection, entries: group }))
}

/** About as long as its JSON: near enough to keep chunks small, at less than it costs to write the text twice. */
function roughSize(value: unknown): number {
  if (typeof value === 'string') return value.length + 3
  if (typeof value !== 'object' || value === null) return 6
  if (Array.isArray(value)) return value.reduce<number>((size, item) => size + roughSize(item), 2)
  let size = 2
  for (const [name, member] of Object.entries(value)) size += name.length + 3 + roughSize(member)
  return size
}

/** Null where this vault holds nothing of the import. */
export async function readVaultImport(vault: VaultApi, importId: string): Promise<VaultImportRow | null> {
  const stored = await vault.sidecar<VaultImportRow>(IMPORTS).get({ key: importId })
  return stored?.row ?? null
}

export async function readChunks(
  vault: VaultApi,
  summary: VaultImportRow,
  slices: Pace,
): Promise<UndoChunk[]> {
  const sidecar = vault.sidecar<UndoChunk>(IMPORTS)
  const keys = summary.chunks.flatMap(({ collection, count }) =>
    Array.from({ length: count }, (_, at) => chunkKey(summary.importId, collection, at)),
  )
  // One at a time: a chunk holds a hundred bodies.
  const stored = await readMany(sidecar, keys, slices, 1)
  return stored.flatMap((found) => (found === null ? [] : [found.row]))
}
