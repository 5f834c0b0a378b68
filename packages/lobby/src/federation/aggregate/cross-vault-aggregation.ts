/** One result over the rows of all shards. */
import { ValidationError } from '@noy-db/hub'
import { reduceRecords, type AggregateResult, type AggregateSpec } from '@noy-db/hub/kernel'
import type { Reduction } from '../fanout/reduction.ts'
import { LiveCore } from '../live/live-core.ts'
import type {
  CrossVaultLiveAggregation,
  FanoutQueryOptions,
  LiveQueryOptions,
  SkippedVault,
} from '../types.ts'
import { computationOf, type Computation } from './computation.ts'
import { PartialReduce, scalarFold } from './partial-states.ts'
import type { FanoutRecordSource, LiveBinding } from './record-source.ts'

export class CrossVaultAggregation<R, Spec extends AggregateSpec> {
  readonly #computation: Computation<AggregateResult<Spec>>
  readonly #bind: LiveBinding | undefined

  constructor(src: FanoutRecordSource<R>, spec: Spec, bind?: LiveBinding) {
    const reduce = new PartialReduce(spec)
    const partial = reduce.isMergeable ? partialReduction(reduce) : null
    this.#computation = computationOf(src, partial, (records) => reduceRecords(records, spec))
    this.#bind = bind
  }

  async run(
    options: FanoutQueryOptions = {},
  ): Promise<{ result: AggregateResult<Spec>; skippedVaults: SkippedVault[] }> {
    const { value: result, skippedVaults } = await this.#computation.once(options)
    return { result, skippedVaults }
  }

  /** `value` is undefined until the first result. @throws ValidationError without a live binding */
  live(options: LiveQueryOptions = {}): CrossVaultLiveAggregation<AggregateResult<Spec>> {
    if (this.#bind === undefined) throw new ValidationError('This aggregate was made without a live binding.')
    return new LiveCore<AggregateResult<Spec> | undefined>({
      binding: this.#bind,
      debounceMs: options.debounceMs,
      initial: undefined,
      follower: this.#computation.follow(options),
    })
  }
}

interface Box {
  states: unknown[]
}

function partialReduction<Spec extends AggregateSpec>(
  reduce: PartialReduce<Spec>,
): Reduction<Box, AggregateResult<Spec>> {
  return {
    fold: scalarFold(reduce),
    finish(parts) {
      const all = parts.reduce((states, part) => reduce.merge(states, part.states), reduce.init())
      return reduce.results(all)
    },
  }
}
