/** Which agreements are due, by their rows alone. */
import type { SurfaceRow } from '../federation/registry/types.ts'

/** An agreed surface with a cadence that was never synced, or whose time has come. */
export function isSurfaceDue(
  surface: Pick<SurfaceRow, 'cadenceMs' | 'status' | 'lastSyncAt' | 'nextSyncDueAt' | 'expiresAt'>,
  now: number,
): boolean {
  if (surface.cadenceMs === undefined || surface.status !== 'agreed') return false
  if (surface.expiresAt !== undefined && now >= surface.expiresAt) return false
  return surface.lastSyncAt === undefined || now >= (surface.nextSyncDueAt ?? 0)
}

/** In the order given. */
export function listDueSurfaces(surfaces: readonly SurfaceRow[], now: number): SurfaceRow[] {
  return surfaces.filter((surface) => isSurfaceDue(surface, now))
}
