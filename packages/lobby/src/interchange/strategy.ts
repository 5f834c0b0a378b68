/** Which strategy a collection follows; anything unknown is refused before anything is read. */
import { ValidationError } from '@noy-db/hub'
import type { MergeStrategy, StrategyOption, Strictness, StrictnessOption } from './types.ts'

export const MERGE_STRATEGIES = [
  'take-incoming',
  'keep-local',
  'lww-by-ts',
  'manual-queue',
  'field-authority',
  'field-level',
  'three-way',
] as const satisfies readonly MergeStrategy[]

const STRATEGIES: ReadonlySet<unknown> = new Set(MERGE_STRATEGIES)

/** @throws ValidationError for a misspelt strategy anywhere in the option. */
export function assertStrategies(option: StrategyOption): void {
  const named = typeof option === 'object' ? Object.values(option) : [option]
  for (const strategy of named) {
    if (!STRATEGIES.has(strategy)) throw new ValidationError(`"${strategy}" is no merge strategy.`)
  }
}

const STRICTNESS: ReadonlySet<unknown> = new Set<Strictness>(['field', 'record', 'ask'])

/** @throws ValidationError */
export function assertStrictness(option: StrictnessOption | undefined): void {
  if (option === undefined) return
  for (const strictness of typeof option === 'object' ? Object.values(option) : [option]) {
    if (!STRICTNESS.has(strictness)) throw new ValidationError(`"${strictness}" is no strictness of a merge.`)
  }
}

export function strictnessFor(option: StrictnessOption | undefined, collection: string): Strictness {
  return (option === undefined ? undefined : entryFor(option, collection)) ?? 'field'
}

export function strategyFor(option: StrategyOption, collection: string): MergeStrategy {
  return entryFor(option, collection) ?? 'manual-queue'
}

/** Own entries only: a collection named `constructor` has no strategy unless it is given one. */
function entryFor<T extends string>(
  option: T | (Record<string, T> & { default?: T }),
  collection: string,
): T | undefined {
  if (typeof option === 'string') return option
  const own = Object.hasOwn(option, collection) ? option[collection] : undefined
  return own ?? (Object.hasOwn(option, 'default') ? option.default : undefined)
}
