/** The groups an instance has opened and the vaults of their registries: places where no summary may be written. */
import type { Noydb } from '@noy-db/hub/kernel'

interface Known {
  readonly groups: Set<string>
  readonly registries: Set<string>
}

const byInstance = new WeakMap<Noydb, Known>()

export function noteGroup(db: Noydb, group: string, registryVault: string): void {
  const known = knownTo(db)
  known.groups.add(group)
  known.registries.add(registryVault)
}

export function knownTo(db: Noydb): Known {
  let known = byInstance.get(db)
  if (known === undefined) byInstance.set(db, (known = { groups: new Set(), registries: new Set() }))
  return known
}
