/** The printed table: one line for each contestant, complete in itself, so that a single line can be quoted. */
import type { Question, Role } from './bench.ts'
import type { Timing } from './measure.ts'

const columns = [22, 6, 46, 24, 9, 7, 7, 7, 7, 0]

export function row(cells: readonly string[], widths: readonly number[] = columns): string {
  const padded = cells.map((cell, at) => {
    const width = widths[at] ?? 0
    return /^[-\d.,x]+$/.test(cell) ? cell.padStart(width) : cell.padEnd(width)
  })
  return padded.join('  ').trimEnd()
}

export const head = row([
  'question',
  'sync',
  'rows',
  'who',
  'median ms',
  'x raw',
  'x floor',
  'cpu ms',
  'x floor',
  'min..max of runs',
])

export function answer({ title, durability }: Question, rows: string, timings: readonly Timing[]): string[] {
  const of = (role: Role): Timing | undefined => timings.find((timing) => timing.role === role)
  return timings.map(({ role, name, median, min, max, cpu, runs }) =>
    row([
      title,
      durability,
      rows,
      role === 'ours' ? `> ${name}` : name,
      ms(median),
      ratio(median, of('raw')?.median),
      role === 'ours' ? ratio(median, of('floor')?.median) : '',
      ms(cpu),
      role === 'ours' ? ratio(cpu, of('floor')?.cpu) : '',
      `${ms(min)}..${ms(max)} of ${runs}`,
    ]),
  )
}

export function ms(value: number): string {
  return value < 10 ? value.toFixed(1) : value.toFixed(0)
}

export function ratio(value: number, base: number | undefined): string {
  return base === undefined ? '' : `${(value / base).toFixed(2)}x`
}
