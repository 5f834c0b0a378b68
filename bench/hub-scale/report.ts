/** How does each thing the hub does grow, beside SQLCipher, raw SQLite and PouchDB? `npm run bench -- hub`. */
import type { Report, Settings } from '../lib/bench.ts'
import { ms as text, ratio, row } from '../lib/print.ts'
import { contest } from './contest.ts'
import { AIMED_AT, ms, SIZES, times, type Line, type Measured, type Row, type Who } from './line.ts'
import { lines } from './lines.ts'

const heads = ['records', 'hub ms', 'raw', 'SQLCipher', 'PouchDB', 'x raw', 'x cipher', 'x pouch', 'x floor']
const cpuHeads = ['cpu hub', 'x raw', 'x cipher', 'x floor']
const lastHeads = ['MB hub', 'cipher', 'growth', 'cipher']
const widths = [7, 7, 6, 9, 7, 7, 8, 7, 7, 9, 7, 8, 7, 8, 6, 7, 7]

/** What ten times the records cost, from the two sizes around: 10x = in proportion. */
function growth(time: (row: Row) => number, at: Sized, before: Sized | undefined): string {
  if (before === undefined) return '-'
  const tenfolds = Math.log10(at.count / before.count)
  return ratio((time(at.row) / time(before.row)) ** (1 / tenfolds), 1)
}

interface Sized {
  readonly count: number
  readonly row: Row
}

function cells({ count, row: found }: Sized, before: Sized | undefined, at: Sized): string[] {
  const shown = (who: Who, what: (measured: Measured) => string): string => {
    const measured = found[who]
    return measured === undefined ? '-' : what(measured)
  }
  const time = (who: Who): string => shown(who, (measured) => text(measured.ms))
  const cpu = (who: Who): string => shown(who, (measured) => text(measured.cpu))
  const factor = (who: Who): string => shown(who, () => ratio(times(found, who), 1))
  const cpuFactor = (who: Who): string => shown(who, (peer) => ratio(found.hub?.cpu ?? NaN, peer.cpu))
  const peak = (who: Who): string => shown(who, ({ peakMB }) => peakMB.toFixed(0))
  return [
    count.toLocaleString('en'),
    ...[time('hub'), time('raw'), time('cipher'), time('pouch')],
    ...[factor('raw'), factor('cipher'), factor('pouch'), factor('floor')],
    ...[cpu('hub'), cpuFactor('raw'), cpuFactor('cipher'), cpuFactor('floor')],
    ...[peak('hub'), peak('cipher')],
    growth(ms, at, before),
    growth(({ cipher }) => cipher?.ms ?? NaN, at, before),
  ]
}

function verdict(line: Line, sizes: readonly Sized[]): string[] {
  const about = sizes.filter(({ count }) => line.anySize === true || count === AIMED_AT)
  return about.map(({ count, row: found }) => {
    const value = line.value(found)
    const met = value <= line.limit ? 'met' : 'MISSED'
    return `aim at ${count.toLocaleString('en')}: ${line.aim}; found ${text(value)}: ${met}`
  })
}

async function measure(line: Line, settings: Settings): Promise<string[]> {
  const sizes: Sized[] = []
  for (const count of settings.records ?? SIZES)
    sizes.push({ count, row: await contest(line, count, settings) })
  return [
    row([...heads, ...cpuHeads, ...lastHeads], widths),
    ...sizes.map((sized, at) => row(cells(sized, sizes[at - 1], sized), widths)),
    ...(settings.profileTo === undefined ? verdict(line, sizes) : []),
  ]
}

export const hubScale: Report[] = lines.map((line) => ({
  title: `hub: ${line.title}`,
  lines: (settings) => measure(line, settings),
}))
