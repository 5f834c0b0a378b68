/** Nothing outside the agreement, whichever way it came into a bundle: the same check before sending and before taking. */
import type { DecryptedRecord } from '@noy-db/hub'
import type { Pace } from '../pace.ts'
import { refusal } from './refusal.ts'
import { fieldsIn, type SurfaceSlice } from './terms.ts'

export type Content = Readonly<Record<string, readonly DecryptedRecord[]>>

/** @throws LobbyError SURFACE_OUTSIDE */
export async function assertWithin(
  surfaceId: string,
  content: Content,
  slice: SurfaceSlice,
  slices: Pace,
): Promise<void> {
  for (const [collection, records] of Object.entries(content)) {
    if (!slice.collections.includes(collection)) throw refusal('SURFACE_OUTSIDE', surfaceId, collection)
    const fields = fieldsIn(slice, collection)
    if (fields === undefined) continue
    const allowed = new Set(['id', ...fields])
    for (const { record } of records) {
      await slices.step()
      const outside = Object.keys(record).find((name) => !allowed.has(name))
      if (outside !== undefined) throw refusal('SURFACE_OUTSIDE', surfaceId, `${collection}.${outside}`)
    }
  }
}
