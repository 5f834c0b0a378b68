/** What an extraction would take, counted from the stored rows without opening any. */
import type { WalkClosureOptions } from '../types/bundle.ts'
import type { LongWork } from '../types/collection.ts'
import { walkClosure } from './closure.ts'
import { readRows } from './partition-rows.ts'
import type { PartitionVault } from './partition-vault.ts'

export interface CollectionPreview {
  readonly name: string
  readonly recordCount: number
  /** UTF-8 bytes of the envelopes' JSON. */
  readonly bytes: number
  readonly oldestTs?: string
  readonly newestTs?: string
}

export interface ExtractionPreview {
  readonly totalRecords: number
  readonly totalBytes: number
  /** By name. */
  readonly byCollection: readonly CollectionPreview[]
  readonly graph: { readonly depth: number; readonly cyclesDetected: boolean }
  /** Referred to, but not there. */
  readonly inaccessible: ReadonlyArray<{ readonly collection: string; readonly id: string }>
}

export async function describeExtraction(
  vault: PartitionVault,
  options: WalkClosureOptions & LongWork,
): Promise<ExtractionPreview> {
  const { closure, graph } = await walkClosure(vault, options)
  const inaccessible: Array<{ collection: string; id: string }> = []
  const byCollection: CollectionPreview[] = []
  for (const collection of [...closure.keys()].sort()) {
    const { preview, missing } = await describeCollection(
      vault,
      collection,
      closure.get(collection) ?? new Set(),
    )
    inaccessible.push(...missing.map((id) => ({ collection, id })))
    if (preview.recordCount > 0) byCollection.push(preview)
  }
  return {
    totalRecords: byCollection.reduce((total, one) => total + one.recordCount, 0),
    totalBytes: byCollection.reduce((total, one) => total + one.bytes, 0),
    byCollection,
    graph,
    inaccessible,
  }
}

async function describeCollection(
  vault: PartitionVault,
  name: string,
  ids: ReadonlySet<string>,
): Promise<{ preview: CollectionPreview; missing: string[] }> {
  const { adapter, name: vaultName } = vault._introspectState()
  const missing: string[] = []
  const times: string[] = []
  let bytes = 0
  for await (const { id, envelope } of readRows(adapter, vaultName, name, ids)) {
    if (envelope === null) {
      missing.push(id)
      continue
    }
    bytes += Buffer.byteLength(JSON.stringify(envelope))
    times.push(envelope._ts)
  }
  times.sort()
  const [oldestTs, newestTs] = [times[0], times.at(-1)]
  const range = oldestTs === undefined || newestTs === undefined ? {} : { oldestTs, newestTs }
  return { preview: { name, recordCount: times.length, bytes, ...range }, missing }
}
