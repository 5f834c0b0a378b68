/** Plans in memory, by id: they hold record bodies, so they end with the session and few are kept. */
import type { ImportPlan, MappingProfile } from '@klum-db/lobby'
import type { StrictnessRow } from '../state.ts'
import { AppError } from '../app-error.ts'
import type { NewClient } from '../clients/create-client.ts'

/** A client that is made only when the plan is applied. */
export interface PendingClient extends NewClient {
  readonly vaultId: string
}

export interface HeldPlan {
  readonly plan: ImportPlan
  readonly pending: readonly PendingClient[]
  /** By vault, where a person said another one than last time. */
  readonly strictness?: ReadonlyMap<string, StrictnessRow>
  /** Of a file of another program: kept with the import, so that next month's file is read alike. */
  readonly profile?: MappingProfile
}

const plansKept = 4

export class PlanStore {
  readonly #plans = new Map<string, HeldPlan>()

  keep(held: HeldPlan): void {
    this.#plans.set(held.plan.id, held)
    for (const id of [...this.#plans.keys()].slice(0, -plansKept)) this.#plans.delete(id)
  }

  /** @throws AppError PLAN_GONE */
  get(planId: string): HeldPlan {
    const held = this.#plans.get(planId)
    if (held === undefined) throw new AppError('PLAN_GONE')
    return held
  }

  drop(planId: string): void {
    this.#plans.delete(planId)
  }

  clear(): void {
    this.#plans.clear()
  }
}
