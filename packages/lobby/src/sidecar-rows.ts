/** Many reserved rows at once, in slices. */
import type { SidecarApi, SidecarKey, SidecarRow } from '@noy-db/hub'
import type { Pace } from './pace.ts'

/** The hub opens rows in slices; between these many a caller's abort is seen. */
export const READ_AT_ONCE = 2_000

/** In the order of `keys`, null where there is none. */
export async function readMany<T>(
  sidecar: SidecarApi<T>,
  keys: readonly SidecarKey[],
  slices: Pace,
  atOnce = READ_AT_ONCE,
): Promise<Array<SidecarRow<T> | null>> {
  const found: Array<SidecarRow<T> | null> = []
  for (let at = 0; at < keys.length; at += atOnce) {
    await slices.step()
    for (const row of await sidecar.getMany(keys.slice(at, at + atOnce))) found.push(row)
  }
  return found
}
