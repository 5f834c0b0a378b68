/** Which strategy a collection follows; anything unknown is refused before anything is read. */
import { ValidationError } from '@noy-db/hub'
import type { MergeStrategy, StrategyOption } from './types.ts'

const STRATEGIES: ReadonlySet<unknown> = new Set<MergeStrategy>([
  'take-incoming',
  'keep-local',
  'lww-by-ts',
  'manual-queue',
  'field-authority',
  'field-level',
  'three-way',
])

/** @throws ValidationError for a misspelt strategy anywhere in the option. */
export function assertStrategies(option: StrategyOption): void {
  const named = typeof option === 'object' ? Object.values(option) : [option]
  for (const strategy of named) {
    if (!STRATEGIES.has(strategy)) throw new ValidationError(`"${strategy}" is no merge strategy.`)
  }
}

/** Own entries only: a collection named `constructor` has no strategy unless it is given one. */
export function strategyFor(option: StrategyOption, collection: string): MergeStrategy {
  if (typeof option === 'string') return option
  const own = Object.hasOwn(option, collection) ? option[collection] : undefined
  const fallback = Object.hasOwn(option, 'default') ? option.default : undefined
  return own ?? fallback ?? 'manual-queue'
}
