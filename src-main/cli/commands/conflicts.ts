/** The queue from a terminal: what is open, one conflict with its sides, and who decides what. */
import type { ConflictRef, Resolution } from '@klum-db/lobby'
import { AppError } from '../../console/app-error.ts'
import { registeredClients } from '../../console/clients/names.ts'
import { conflictIndex } from '../../console/engine.ts'
import type { Open } from '../../console/session.ts'
import { type Arguments, type OptionTable, UsageError } from '../arguments.ts'
import type { Command } from '../command.ts'
import { clientCalled, contextOf, withWorkspace, workspaceOptions, workspaceUsage } from '../workspace.ts'

const filterOptions: OptionTable = {
  client: { type: 'string', short: 'c' },
  collection: { type: 'string' },
  import: { type: 'string' },
  field: { type: 'string' },
}
const filterUsage = '[--client CLIENT] [--collection NAME] [--import ID] [--field PATH]'
const statuses = ['open', 'decided', 'recalled', 'closed'] as const

export const conflicts: Command = {
  usage: `${workspaceUsage} [--status ${statuses.join('|')}] ${filterUsage} [--offset N] [--limit N]`,
  about: 'lists conflicts',
  options: {
    ...workspaceOptions,
    ...filterOptions,
    status: { type: 'string' },
    offset: { type: 'string' },
    limit: { type: 'string' },
  },
  run: (args) =>
    withWorkspace(args, async (console, open) => {
      args.noWords()
      const filter = { ...(await filterOf(open, args)), status: args.oneOf('status', statuses) ?? 'open' }
      const page = { offset: args.number('offset') ?? 0, limit: args.number('limit') ?? 200 }
      const { rows, total } = await console.conflicts.list({ filter, ...page })
      return {
        lines: [
          `${total} ${filter.status}`,
          ...rows.map(
            ({ conflictId, vaultName, title, fields, kind }) =>
              `  ${conflictId}  ${vaultName}, ${title}: ${kind}${fields.length > 0 ? ` in ${fields.join(', ')}` : ''}`,
          ),
        ],
        data: { total, offset: page.offset, conflicts: rows },
      }
    }),
}

export const conflict: Command = {
  usage: `CONFLICT ${workspaceUsage}`,
  about: 'shows one conflict: its sides, field by field, and the version a decision names',
  options: workspaceOptions,
  run: (args) =>
    withWorkspace(args, async (console, open) => {
      const detail = await console.conflicts.get(await refOf(open, args))
      const differing = detail.fields.filter(({ changedBy }) => changedBy !== 'none')
      return {
        lines: [
          detail.explanation,
          ...differing.map(
            ({ path, base, ours, theirs }) =>
              `  ${path}: ${text(base)} → ours ${text(ours)}, theirs ${text(theirs)}`,
          ),
        ],
        data: detail,
      }
    }),
}

const takes = ['ours', 'theirs', 'base', 'delete', 'close'] as const

export const decide: Command = {
  usage: `CONFLICT ${workspaceUsage} (--take ${takes.join('|')} | [--pick PATH=ours|theirs|base]… [--set PATH=JSON]…) [--reason TEXT] [--override WHY] [--expect-version N] [--dry-run]`,
  about: 'decides one conflict, as a whole or by field',
  options: {
    ...workspaceOptions,
    take: { type: 'string' },
    pick: { type: 'string', multiple: true },
    set: { type: 'string', multiple: true },
    reason: { type: 'string' },
    override: { type: 'string' },
    'expect-version': { type: 'string' },
    'dry-run': { type: 'boolean' },
  },
  run: (args) =>
    withWorkspace(args, async (console, open) => {
      const resolution = resolutionOf(args)
      const ref = await refOf(open, args)
      if (args.flag('dry-run')) {
        const preview = await console.conflicts.preview({ ref, resolution })
        return {
          lines: [
            JSON.stringify(preview.result, null, 2),
            ...preview.issues.map(({ path, message }) => `  ${path}: ${message}`),
            ...preview.broken.map(({ message }) => `  no longer true: ${message}`),
          ],
          data: preview,
          holds: preview.issues.length + preview.broken.length === 0,
        }
      }
      const { rowVersion, recordVersion } = await console.conflicts.get(ref)
      const [reason, override] = [args.one('reason'), args.one('override')]
      const receipt = await console.conflicts.decide({
        ref,
        resolution,
        expectRowVersion: rowVersion,
        expectRecordVersion: args.number('expect-version') ?? recordVersion,
        ...(reason !== undefined && { reason }),
        ...(override !== undefined && { override }),
      })
      return { lines: [`decided as ${receipt.batchId}; ${receipt.remaining} open`], data: receipt }
    }),
}

export const decideMany: Command = {
  usage: `${workspaceUsage} --take ours|theirs|newest [--only-field PATH]… ${filterUsage} [--reason TEXT] [--override WHY] [--expect HASH]`,
  about: 'decides many by one rule; without --expect it only tells what it would decide, and the hash',
  options: {
    ...workspaceOptions,
    ...filterOptions,
    take: { type: 'string' },
    'only-field': { type: 'string', multiple: true },
    reason: { type: 'string' },
    override: { type: 'string' },
    expect: { type: 'string' },
  },
  run: (args, signal) =>
    withWorkspace(args, async (console, open) => {
      args.noWords()
      const take = args.oneOf('take', ['ours', 'theirs', 'newest'])
      if (take === undefined) throw new UsageError('--take is missing.')
      const filter = { ...(await filterOf(open, args)), status: 'open' as const }
      const override = args.one('override')
      const rule = { take, onlyFields: args.many('only-field'), override: override !== undefined }
      const hash = args.one('expect')
      if (hash === undefined) {
        const preview = await console.conflicts.previewMany({ filter, rule }, contextOf(signal))
        return {
          lines: [
            `would decide ${preview.matching}, leaves ${preview.left}; --expect ${preview.hash}`,
            ...preview.against.byRule.map(({ message, count }) => `  ${count} against a rule: ${message}`),
          ],
          data: preview,
        }
      }
      const reason = override ?? args.one('reason')
      const request = { filter, rule, hash, ...(reason !== undefined && { reason }) }
      const receipt = await console.conflicts.decideMany(request, contextOf(signal))
      return {
        lines: [`decided ${receipt.decided} as ${receipt.batchId}; ${receipt.remaining} open`],
        data: receipt,
      }
    }),
}

export const undo: Command = {
  usage: `BATCH ${workspaceUsage}`,
  about: 'undoes the decisions of one command',
  options: workspaceOptions,
  run: (args) =>
    withWorkspace(args, async (console) => {
      const undone = await console.conflicts.undo(args.onlyWord('The batch'))
      return { lines: [`undone ${undone.undone}; ${undone.remaining} open`], data: undone }
    }),
}

async function filterOf(open: Open, args: Arguments) {
  const [client, collection, importId, field] = ['client', 'collection', 'import', 'field'].map((name) =>
    args.one(name),
  )
  const vault =
    client === undefined ? undefined : clientCalled(await registeredClients(open.state), client).vaultId
  return {
    ...(vault !== undefined && { vault }),
    ...(collection !== undefined && { collection }),
    ...(importId !== undefined && { importId }),
    ...(field !== undefined && { field }),
  }
}

/** The same three bodies under the same id may wait in two vaults; both are named then. */
async function refOf(open: Open, args: Arguments): Promise<ConflictRef> {
  const wanted = args.onlyWord('The conflict')
  const found = (await conflictIndex(open)).filter(
    ({ conflictId, vault }) => conflictId === wanted || `${vault}:${conflictId}` === wanted,
  )
  const [row, ...others] = found
  if (row === undefined) throw new AppError('NOT_FOUND')
  if (others.length > 0)
    throw new UsageError(
      `There are several: ${found.map(({ vault, conflictId }) => `${vault}:${conflictId}`).join(', ')}.`,
    )
  const { vault, collection, conflictId } = row
  return { vault, collection, conflictId }
}

function resolutionOf(args: Arguments): Resolution {
  const take = args.oneOf('take', takes)
  const picks = Object.fromEntries([...args.many('pick').map(pickOf), ...args.many('set').map(customOf)])
  const byField = Object.keys(picks).length > 0
  if (byField === (take !== undefined))
    throw new UsageError('Take one side as a whole, or name fields with --pick and --set.')
  return take === undefined ? { kind: 'fields', picks } : { kind: take }
}

type Picks = Extract<Resolution, { kind: 'fields' }>['picks']

function pickOf(text: string): [string, Picks[string]] {
  const [, path = '', pick = ''] = /^(.+)=(ours|theirs|base)$/.exec(text) ?? []
  if (pick !== 'ours' && pick !== 'theirs' && pick !== 'base')
    throw new UsageError(`--pick is PATH=ours, theirs or base; "${text}" is not.`)
  return [path, { pick }]
}

function customOf(text: string): [string, Picks[string]] {
  const at = text.indexOf('=')
  try {
    return [text.slice(0, at), { pick: 'custom', value: JSON.parse(text.slice(at + 1)) as unknown }]
  } catch {
    throw new UsageError(`--set is PATH=JSON, a text in quotes; "${text}" is not.`)
  }
}

function text(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}
