/** How much a merge does by itself, by collection. */
import type { Strictness } from '../../src-shared/ipc/common.ts'
import type { OutputOf } from '../../src-shared/ipc/contract.ts'
import type { Target } from './import-targets.ts'

type Known = OutputOf<'imports.strictness'> | undefined
export type Levels = Readonly<Record<string, Strictness>>

export const strictnesses: ReadonlyArray<{
  readonly value: Strictness
  readonly label: string
  readonly effect: string
}> = [
  {
    value: 'field',
    label: 'By field',
    effect: 'Edits of different fields go together; you are asked where both changed the same field.',
  },
  {
    value: 'record',
    label: 'By record',
    effect: 'You are asked about every record that both changed, whatever the fields.',
  },
  {
    value: 'ask',
    label: 'Always ask',
    effect: 'You are asked about every record the sender changed. New records still come in.',
  },
]

/** What was said for this import, else what was remembered of the client. */
export function levelOf(target: Target, known: Known, collection: string): Strictness {
  const levels = target.strictness ?? known?.byVault[target.choice] ?? {}
  return Object.hasOwn(levels, collection) ? (levels[collection] ?? 'field') : 'field'
}

/** The level all of them have; undefined where they differ. */
export function commonLevel(
  targets: readonly Target[],
  known: Known,
  collection: string,
): Strictness | undefined {
  const levels = new Set(targets.map((target) => levelOf(target, known, collection)))
  return levels.size > 1 ? undefined : ([...levels][0] ?? 'field')
}

/** Every collection of a target, with what a person changed. */
export function withLevels(target: Target, known: Known, changed: Levels): Levels {
  const names = (known?.collections ?? []).map(({ name }) => name)
  return Object.fromEntries(names.map((name) => [name, changed[name] ?? levelOf(target, known, name)]))
}

/** "By field", "Invoices by record", "3 collections stricter". */
export function strictnessWords(targets: readonly Target[], known: Known): string {
  const stricter = (known?.collections ?? []).flatMap(({ name, label }) => {
    const level = commonLevel(targets, known, name)
    return level === 'field' ? [] : [{ label, level }]
  })
  const [only, ...others] = stricter
  if (only === undefined) return 'By field'
  if (others.length > 0) return `${stricter.length} collections stricter`
  const words = strictnesses.find(({ value }) => value === only.level)?.label.toLowerCase() ?? 'differently'
  return `${only.label} ${words}`
}
