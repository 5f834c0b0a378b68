/** What an extraction would take, counted from the stored rows without opening any. */
import { Slices } from '../transaction/slices.ts'
import type { WalkClosureOptions, WalkClosureResult } from '../types/bundle.ts'
import type { LongWork } from '../types/collection.ts'
import { walkClosure } from './closure.ts'
import { countIds, readRows } from './partition-rows.ts'
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

/** Writes nothing. `onProgress` counts records. @throws PartitionExtractionError, as `walkClosure` does */
export async function describeExtraction(
  vault: PartitionVault,
  options: WalkClosureOptions & LongWork,
): Promise<ExtractionPreview> {
  return describeClosure(vault, await walkClosure(vault, options), options)
}

/** The same of a closure that was walked before. */
export async function describeClosure(
  vault: PartitionVault,
  { closure, graph }: WalkClosureResult,
  options: LongWork = {},
): Promise<ExtractionPreview> {
  const inaccessible: Array<{ collection: string; id: string }> = []
  const byCollection: CollectionPreview[] = []
  const slices = new Slices(options, countIds(closure))
  let done = 0
  for (const [collection, ids] of [...closure].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const { preview, missing } = await describeCollection(vault, collection, ids, slices, done)
    done += ids.size
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
  slices: Slices,
  done: number,
): Promise<{ preview: CollectionPreview; missing: string[] }> {
  const { adapter, name: vaultName } = vault._introspectState()
  const missing: string[] = []
  const times: string[] = []
  let bytes = 0
  for await (const { id, envelope } of readRows(adapter, vaultName, name, ids)) {
    if (slices.due()) await slices.pause(done + times.length + missing.length)
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
