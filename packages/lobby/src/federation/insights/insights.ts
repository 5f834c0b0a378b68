/** The derivations of one group. */
import type { GroupCore } from '../group-core.ts'
import { AutoPush } from './auto-push.ts'
import type { Derivation } from './derive-shard.ts'
import { refreshInsights } from './refresh.ts'
import { assertTarget } from './targets.ts'
import type { CrossVaultDerivationSpec, RefreshInsightsOptions, RefreshInsightsResult } from './types.ts'

export class Insights {
  readonly #group: GroupCore
  readonly #derivations: Derivation[] = []
  #autoPush: AutoPush | null = null

  constructor(group: GroupCore) {
    this.#group = group
  }

  /** @throws ValidationError for a target in client data or the control plane */
  register<R, S>(spec: CrossVaultDerivationSpec<R, S>): void {
    assertTarget(this.#group, spec.target)
    this.#derivations.push(spec)
    if (spec.autoPush !== true) return
    this.#autoPush ??= new AutoPush(this.#group)
    this.#autoPush.register(spec)
  }

  refresh(options: RefreshInsightsOptions): Promise<RefreshInsightsResult> {
    return refreshInsights(this.#group, this.#derivations, options)
  }

  async settled(): Promise<void> {
    await this.#autoPush?.settled()
  }

  release(): void {
    this.#autoPush?.release()
    this.#autoPush = null
  }
}
