/** What planning needs again when the versions moved in between. Kept beside the plan, which itself is plain data. */
import type { LongWork, VaultApi } from '@noy-db/hub'
import type { ImportPlan } from './types.ts'

export interface PlanOrigin {
  /** Declares collections, schemas and references on each receiving vault. */
  readonly declare?: (vault: VaultApi) => void
  /** The same import, planned on the vaults as they are now. */
  readonly again: (work?: LongWork) => Promise<ImportPlan>
}

const origins = new WeakMap<ImportPlan, PlanOrigin>()

export function keepOrigin(plan: ImportPlan, origin: PlanOrigin): void {
  origins.set(plan, origin)
}

/** Undefined for a copy of a plan. */
export function originOf(plan: ImportPlan): PlanOrigin | undefined {
  return origins.get(plan)
}
