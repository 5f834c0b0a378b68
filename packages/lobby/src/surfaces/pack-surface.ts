/** What an agreement lets out of a vault: the one place that reads it, for a preview and for an export alike. */
import { decryptExtractedPartition, extractPartition } from '@noy-db/hub/bundle'
import type { LongWork, VaultApi } from '@noy-db/hub'
import { onlySignal, pace } from '../pace.ts'
import { assertWithin, type Content } from './confinement.ts'
import type { SurfaceSlice } from './terms.ts'

export interface PackOptions extends LongWork {
  /** Binds the sealed body to one exchange, which needs body format 2; without it, format 1 is written. */
  readonly exchangeId?: string
  /** Which records; default all. */
  readonly select?: (collection: string, id: string, record: Record<string, unknown>) => boolean
}

export interface SurfaceBundle {
  readonly bundleBytes: Uint8Array
  readonly transferKey: Uint8Array
}

/**
 * Records outside the slice that refer into it stay where they are; so does what a reference that only warns names.
 * @throws PartitionExtractionError where any other reference leads out of the slice; also for anyone but an owner
 */
export async function extractSlice(
  source: VaultApi,
  slice: SurfaceSlice,
  { exchangeId, select, ...work }: PackOptions = {},
): Promise<SurfaceBundle> {
  const { collections, fields } = slice
  source.assertCanExport('bundle')
  const seeds = collections.map((name) => [
    name,
    (record: Record<string, unknown>, id: string) => select?.(name, id, record) ?? true,
  ])
  const { bundleBytes, transferKey } = await extractPartition(source, {
    seeds: Object.fromEntries(seeds) as Parameters<typeof extractPartition>[1]['seeds'], // pairs made above
    maxDepth: 0,
    follow: ({ collection, field, target, mode }) =>
      mode !== 'warn' && leaves(slice, collection, field) && !collections.includes(target),
    ...(fields !== undefined && { fieldProjection: { ...fields } }),
    ...(exchangeId !== undefined && { bodyFormat: 2, exchangeId }),
    ...work,
  })
  return { bundleBytes, transferKey }
}

function leaves({ collections, fields }: SurfaceSlice, collection: string, field: string): boolean {
  return collections.includes(collection) && (fields?.[collection]?.includes(field) ?? true)
}

/** Read back rather than read again: what is shown, remembered and logged is what is in the bundle. */
export async function packSlice(
  surfaceId: string,
  source: VaultApi,
  slice: SurfaceSlice,
  options: PackOptions = {},
): Promise<SurfaceBundle & { readonly content: Content }> {
  const bundle = await extractSlice(source, slice, options)
  const content = await decryptExtractedPartition(bundle.bundleBytes, bundle.transferKey, onlySignal(options))
  await assertWithin(surfaceId, content, slice, pace(onlySignal(options)))
  return { ...bundle, content }
}
