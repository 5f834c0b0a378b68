/** Chosen conversions as the fields of a mapping: what is worked out of others stands behind them, or not at all. */
import type { Conversion, Mapping } from '../ipc/foreign.ts'

interface Target {
  readonly path: string
  readonly required: boolean
  readonly sumOf?: readonly string[] | undefined
}

/** A sum whose parts are not mapped is made of what those would be made of. */
export function mappedFields(
  conversions: ReadonlyMap<string, Conversion>,
  targets: readonly Target[],
): Mapping['fields'] {
  const targetOf = new Map(targets.map((target) => [target.path, target]))
  const placed = new Map<string, Conversion>()
  const place = (path: string, from: Conversion, above: ReadonlySet<string>): void => {
    if (from.as === 'sum') {
      const of = from.of.flatMap((part) => partsAt(part, new Set([...above, path])))
      if (of.length > 0) placed.set(path, { ...from, of })
    } else if (from.as !== 'rate' || conversions.has(from.of)) placed.set(path, from)
  }
  /** `above`: what is being made of it; nothing is made of itself. */
  const partsAt = (path: string, above: ReadonlySet<string>): string[] => {
    if (above.has(path)) return []
    const from = conversions.get(path)
    if (from !== undefined && !placed.has(path)) place(path, from, above)
    if (placed.has(path)) return [path]
    const sumOf = targetOf.get(path)?.sumOf ?? []
    return sumOf.flatMap((part) => partsAt(part, new Set([...above, path])))
  }
  const isTotal = ({ as }: Conversion): number => Number(as === 'rate') + 2 * Number(as === 'sum')
  const inTurn = [...conversions].sort(([, left], [, right]) => isTotal(left) - isTotal(right))
  for (const [path, from] of inTurn) if (!placed.has(path)) place(path, from, new Set())
  return [...placed].map(([path, from]) => ({ path, from, required: targetOf.get(path)?.required ?? false }))
}
