/** Closed periods from a terminal, and what was written against them and other rules. */
import { month } from '../../../src-shared/ipc/common.ts'
import { monthsAround } from '../../../src-shared/model/period.ts'
import type { ClosedPeriodView, PeriodBookView } from '../../../src-shared/ipc/periods.ts'
import { type RegisteredClient, registeredClients } from '../../console/clients/names.ts'
import type { Console } from '../../console/console.ts'
import type { Open } from '../../console/session.ts'
import { type Arguments, UsageError } from '../arguments.ts'
import type { Command, Outcome } from '../command.ts'
import {
  chosenClients,
  clientCalled,
  clientOptions,
  withWorkspace,
  workspaceOptions,
  workspaceUsage,
} from '../workspace.ts'

export const periods: Command = {
  usage: `list|close|reopen ${workspaceUsage} (--client CLIENT… | --all) [--month 2026-03]… [--quarter 2026-Q1]… [--year 2026]… [--through 2026-03] [--reason TEXT]`,
  about: 'lists, closes or reopens periods; reopening needs a reason, --through closes all before as well',
  options: {
    ...workspaceOptions,
    ...clientOptions,
    month: { type: 'string', multiple: true },
    quarter: { type: 'string', multiple: true },
    year: { type: 'string', multiple: true },
    through: { type: 'string' },
    reason: { type: 'string' },
  },
  run: (args) =>
    withWorkspace(args, async (console, open) => {
      const vaultIds = await chosenClients(open, args)
      switch (args.onlyWord('list, close or reopen')) {
        case 'list':
          return listPeriods(console, open, vaultIds)
        case 'close':
          return close(console, args, vaultIds)
        case 'reopen':
          return reopen(console, args, vaultIds)
        default:
          throw new UsageError('periods list, periods close, or periods reopen.')
      }
    }),
}

async function listPeriods(console: Console, open: Open, vaultIds: readonly string[]): Promise<Outcome> {
  const wanted = new Set(vaultIds)
  const clients = (await registeredClients(open.state)).filter(({ vaultId }) => wanted.has(vaultId))
  const books: (PeriodBookView & { vaultId: string; name: string })[] = []
  for (const { vaultId, name } of clients)
    books.push({ vaultId, name, ...(await console.periods.get(vaultId)) })
  return { lines: books.flatMap(bookLines), data: { clients: books } }
}

function bookLines({
  name,
  through,
  months,
  reopened,
}: PeriodBookView & Pick<RegisteredClient, 'name'>): string[] {
  const closed = [
    ...(through === null ? [] : [`up to ${closedLine(through)}`]),
    ...months.map(closedLine),
    ...reopened.map((period) => `${period} open again`),
  ]
  return [`${name}: ${closed.length === 0 ? 'nothing closed' : ''}`, ...closed.map((line) => `  ${line}`)]
}

function closedLine({ period, by, at, reason }: ClosedPeriodView): string {
  return `${period} closed ${at} by ${by}${reason === null ? '' : ` (${reason})`}`
}

async function close(console: Console, args: Arguments, vaultIds: string[]): Promise<Outcome> {
  const months = monthsOf(args)
  const through = args.one('through')
  if ((through === undefined) === (months.length === 0))
    throw new UsageError('Name periods with --month, --quarter or --year, or everything with --through.')
  const periods = through === undefined ? { months } : { through: monthCalled('through', through) }
  const reason = args.one('reason')
  await console.periods.close({ vaultIds, periods, ...(reason !== undefined && { reason }) })
  const what = through === undefined ? months.join(', ') : `everything up to ${through}`
  return { lines: [`closed ${what} for ${vaultIds.length} clients`], data: { vaultIds, ...periods } }
}

async function reopen(console: Console, args: Arguments, vaultIds: string[]): Promise<Outcome> {
  const months = monthsOf(args)
  if (months.length === 0 || args.one('through') !== undefined)
    throw new UsageError('Name the periods to reopen with --month, --quarter or --year.')
  await console.periods.reopen({ vaultIds, months, reason: args.need('reason') })
  return {
    lines: [`reopened ${months.join(', ')} for ${vaultIds.length} clients`],
    data: { vaultIds, months },
  }
}

/** @throws UsageError */
function monthsOf(args: Arguments): string[] {
  const months = [
    ...args.many('month').map((text) => monthCalled('month', text)),
    ...args.many('quarter').flatMap(monthsOfQuarter),
    ...args.many('year').flatMap(monthsOfYear),
  ]
  return [...new Set(months)].sort()
}

function monthCalled(option: string, text: string): string {
  if (!month.safeParse(text).success)
    throw new UsageError(`--${option} is a month as 2026-03; "${text}" is not.`)
  return text
}

function monthsOfQuarter(text: string): string[] {
  const [, year, quarter] = /^(\d{4})-Q([1-4])$/i.exec(text) ?? []
  if (year === undefined) throw new UsageError(`--quarter is as 2026-Q1; "${text}" is not.`)
  return monthsAround('quarter', `${year}-${String(Number(quarter) * 3).padStart(2, '0')}`)
}

function monthsOfYear(text: string): string[] {
  if (!/^\d{4}$/.test(text)) throw new UsageError(`--year is as 2026; "${text}" is not.`)
  return monthsAround('year', `${text}-01`)
}

export const exceptions: Command = {
  usage: `${workspaceUsage} [--client CLIENT] [--rule NAME] [--since TIME] [--offset N] [--limit N]`,
  about: 'lists what was written against rules and into closed periods, by whom and why, newest first',
  options: {
    ...workspaceOptions,
    client: { type: 'string', short: 'c' },
    rule: { type: 'string' },
    since: { type: 'string' },
    offset: { type: 'string' },
    limit: { type: 'string' },
  },
  run: (args) =>
    withWorkspace(args, async (console, open) => {
      args.noWords()
      const client = args.one('client')
      const vault =
        client === undefined ? undefined : clientCalled(await registeredClients(open.state), client).vaultId
      const page = { offset: args.number('offset') ?? 0, limit: args.number('limit') ?? 200 }
      const { rows, total } = await console.periods.exceptions({
        vault,
        rule: args.one('rule'),
        since: args.one('since'),
        ...page,
      })
      return {
        lines: [
          `${total} exceptions`,
          ...rows.map(
            ({ at, actor, vaultName, title, message, reason }) =>
              `  ${at}  ${actor}, ${vaultName}, ${title}: ${message} "${reason}"`,
          ),
        ],
        data: { total, offset: page.offset, exceptions: rows },
      }
    }),
}
