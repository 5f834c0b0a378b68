/** Acts of agreements: proposed, taken from a file, and decided; each leaves a signed file for the other office. */
import type { AgreementDecision, Slice } from '../../../src-shared/ipc/agreement-views.ts'
import { type Arguments, type OptionTable, UsageError } from '../arguments.ts'
import type { Command, Outcome } from '../command.ts'
import { withWorkspace, workspaceOptions, workspaceUsage } from '../workspace.ts'
import { clientOption, namedFile, writeMade } from './agreement-files.ts'
import { freePath } from './export.ts'

const directions = ['send', 'receive', 'both'] as const
const strategies = ['three-way', 'manual-queue', 'take-incoming', 'keep-local', 'lww-by-ts'] as const
const fileOptions: OptionTable = { out: { type: 'string', short: 'o' }, force: { type: 'boolean' } }
const day = 24 * 60 * 60 * 1000

export const proposeAgreement: Command = {
  usage: `--client CLIENT --to PARTY --share COLLECTION[=FIELD,…]… --out FILE ${workspaceUsage} [--direction ${directions.join('|')}] [--strategy ${strategies.join('|')}] [--every DAYS] [--until DATE] [--answer-by DATE] [--reason TEXT] [--force]`,
  about: 'proposes an agreement and writes the signed file for the other office',
  options: {
    ...workspaceOptions,
    ...fileOptions,
    client: { type: 'string', short: 'c' },
    to: { type: 'string' },
    share: { type: 'string', multiple: true },
    direction: { type: 'string' },
    strategy: { type: 'string' },
    every: { type: 'string' },
    until: { type: 'string' },
    'answer-by': { type: 'string' },
    reason: { type: 'string' },
  },
  run: (args) =>
    withWorkspace(args, async (console, open) => {
      args.noWords()
      const out = freePath(args, 'out')
      const vaultId = await clientOption(open, args)
      if (vaultId === undefined) throw new UsageError('--client is missing.')
      const every = args.number('every')
      const until = args.one('until')
      const terms = {
        slice: sliceOf(args),
        direction: args.oneOf('direction', directions) ?? 'both',
        strategy: args.oneOf('strategy', strategies) ?? 'three-way',
        cadenceMs: every === undefined ? null : every * day,
        expiresAt: until === undefined ? null : endOf(until),
      }
      const request = { vaultId, party: args.need('to'), terms, answerBy: answerBy(args), ...reasonOf(args) }
      const { id, file } = await console.agreements.propose(request)
      await writeMade(console, file, out)
      return { lines: [`proposed as ${id}`, `for the other office: ${out}`], data: { id, file: out } }
    }),
}

function sliceOf(args: Arguments): Slice {
  const shares = args.many('share')
  if (shares.length === 0) throw new UsageError('--share is missing.')
  return shares.map((text) => {
    const [name = '', fields] = text.split('=', 2)
    return { name, fields: fields === undefined ? null : fields.split(',') }
  })
}

/** The end of that day, here. */
function endOf(date: string): string {
  const end = new Date(`${date}T23:59:59`)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(end.getTime()))
    throw new UsageError(`A day is YYYY-MM-DD; "${date}" is not.`)
  return end.toISOString()
}

function answerBy(args: Arguments): string | null {
  const day = args.one('answer-by')
  return day === undefined ? null : endOf(day)
}

function reasonOf(args: Arguments): { reason?: string } {
  const reason = args.one('reason')
  return reason === undefined ? {} : { reason }
}

export const takeAgreementFile: Command = {
  usage: `FILE ${workspaceUsage} [--trust FINGERPRINT] [--client CLIENT] [--dry-run]`,
  about: 'takes a signed file or a receipt of the other office; --dry-run tells what it says',
  options: {
    ...workspaceOptions,
    trust: { type: 'string' },
    client: { type: 'string', short: 'c' },
    'dry-run': { type: 'boolean' },
  },
  run: (args) =>
    withWorkspace(args, async (console, open) => {
      const handle = await namedFile(console, args.onlyWord('The file'))
      if (args.flag('dry-run')) {
        const said = await console.agreements.examine(handle)
        const lines = said.kind === 'act' ? [`${said.party}: ${said.act}`, ...said.consequences] : [said.kind]
        return { lines, data: said }
      }
      const vaultId = await clientOption(open, args)
      const taken = await console.agreements.take({ handle, fingerprint: args.one('trust'), vaultId })
      return { lines: [`${taken.outcome}: ${taken.id}`], data: taken }
    }),
}

type Simple = Exclude<AgreementDecision['kind'], 'narrow' | 'renew'>

/** `--dry-run` tells what it would mean; without it the act is signed. */
function act(
  about: string,
  decisionOf: (args: Arguments) => AgreementDecision,
  more: { readonly usage?: string; readonly options?: OptionTable } = {},
): Command {
  return {
    usage: `ID ${more.usage ?? ''}--out FILE ${workspaceUsage} [--reason TEXT] [--client CLIENT] [--dry-run] [--force]`,
    about,
    options: {
      ...workspaceOptions,
      ...fileOptions,
      reason: { type: 'string' },
      client: { type: 'string', short: 'c' },
      'dry-run': { type: 'boolean' },
      ...more.options,
    },
    run: (args) =>
      withWorkspace(args, async (console, open): Promise<Outcome> => {
        const id = args.onlyWord('The agreement')
        const decision = { ...decisionOf(args), ...reasonOf(args) }
        if (args.flag('dry-run')) {
          const told = await console.agreements.consequences({ id, decision })
          return { lines: told.consequences, data: told }
        }
        const out = freePath(args, 'out')
        const vaultId = await clientOption(open, args)
        const { file } = await console.agreements.decide({
          id,
          decision,
          ...(vaultId !== undefined && { vaultId }),
        })
        await writeMade(console, file, out)
        return { lines: [`signed; for the other office: ${out}`], data: { id, file: out } }
      }),
  }
}

const simple = (kind: Simple, about: string): Command => act(about, () => ({ kind }))

export const countersign = simple('agree', 'countersigns what the other office asks')
export const decline = simple('decline', 'declines what the other office asks')
export const suspend = simple('suspend', 'stops the exchange until it is resumed')
export const resume = simple('resume', 'lifts our own suspension')
export const withdraw = simple('withdraw', 'ends an agreement for good')
export const renew = act(
  'asks the other office for another end',
  (args) => ({ kind: 'renew', expiresAt: endOf(args.need('until')), answerBy: answerBy(args) }),
  {
    usage: '--until DATE [--answer-by DATE] ',
    options: { until: { type: 'string' }, 'answer-by': { type: 'string' } },
  },
)
export const narrow = act(
  'shares less from now on: what is named remains',
  (args) => ({ kind: 'narrow', slice: sliceOf(args) }),
  { usage: '--share COLLECTION[=FIELD,…]… ', options: { share: { type: 'string', multiple: true } } },
)
