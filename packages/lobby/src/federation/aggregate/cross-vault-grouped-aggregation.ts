/** One row for each value of a field, over the rows of all shards, in first-seen order. */
import { ValidationError } from '@noy-db/hub'
import { groupAndReduce, type AggregateSpec } from '@noy-db/hub/kernel'
import type { Reduction } from '../fanout/reduction.ts'
import { LiveCore } from '../live/live-core.ts'
import type {
  CrossVaultLiveQuery,
  FanoutQueryOptions,
  GroupedRow,
  LiveQueryOptions,
  SkippedVault,
} from '../types.ts'
import { computationOf, type Computation } from './computation.ts'
import { groupFold, mergeGroups, PartialReduce, type Groups } from './partial-states.ts'
import type { FanoutRecordSource, LiveBinding } from './record-source.ts'

export class CrossVaultGroupedAggregation<R, F extends string, Spec extends AggregateSpec> {
  readonly #computation: Computation<GroupedRow<F, Spec>[]>
  readonly #bind: LiveBinding | undefined

  constructor(src: FanoutRecordSource<R>, field: F, spec: Spec, bind?: LiveBinding) {
    const reduce = new PartialReduce(spec)
    const partial = reduce.isMergeable ? partialReduction(reduce, field) : null
    this.#computation = computationOf(src, partial, (records) => groupAndReduce(records, field, spec))
    this.#bind = bind
  }

  async run(
    options: FanoutQueryOptions = {},
  ): Promise<{ results: GroupedRow<F, Spec>[]; skippedVaults: SkippedVault[] }> {
    const { value: results, skippedVaults } = await this.#computation.once(options)
    return { results, skippedVaults }
  }

  /** @throws ValidationError without a live binding */
  live(options: LiveQueryOptions = {}): CrossVaultLiveQuery<GroupedRow<F, Spec>> {
    if (this.#bind === undefined) throw new ValidationError('This aggregate was made without a live binding.')
    return new LiveCore<readonly GroupedRow<F, Spec>[]>({
      binding: this.#bind,
      debounceMs: options.debounceMs,
      initial: [],
      follower: this.#computation.follow(options),
    })
  }
}

function partialReduction<F extends string, Spec extends AggregateSpec>(
  reduce: PartialReduce<Spec>,
  field: F,
): Reduction<Groups, GroupedRow<F, Spec>[]> {
  return {
    fold: groupFold(reduce, field),
    finish(parts) {
      const groups = mergeGroups(reduce, field, parts)
      // The grouped field and one result per key of the spec: what the row type says.
      return [...groups].map(([key, states]) => ({ [field]: key, ...reduce.results(states) }))
    },
  }
}
