/** Deliveries under agreements: made with their key, taken through a plan, and receipted. */
import { resolve } from 'node:path'
import type { OutputOf } from '../../../src-shared/ipc/contract.ts'
import { writeWhole } from '../../console/capped-files.ts'
import { makeDelivery } from '../../console/agreements/deliveries.ts'
import { deskOf, setOutbox } from '../../console/agreements/desk.ts'
import type { Console } from '../../console/console.ts'
import type { Arguments } from '../arguments.ts'
import type { Command } from '../command.ts'
import { contextOf, withWorkspace, workspaceOptions, workspaceUsage } from '../workspace.ts'
import { namedFile, writeMade } from './agreement-files.ts'
import { freePath } from './export.ts'

const keyForms = ['file', 'sealed'] as const

export const exportAgreement: Command = {
  usage: `ID --out FILE --keys-out FILE ${workspaceUsage} [--key ${keyForms.join('|')}] [--full] [--force]`,
  about: 'makes the next delivery of an agreement, with its key in a file of its own',
  options: {
    ...workspaceOptions,
    out: { type: 'string', short: 'o' },
    'keys-out': { type: 'string' },
    key: { type: 'string' },
    full: { type: 'boolean' },
    force: { type: 'boolean' },
  },
  run: (args, signal) =>
    withWorkspace(args, async (_console, open) => {
      const id = args.onlyWord('The agreement')
      const [out, keysOut] = [freePath(args, 'out'), freePath(args, 'keys-out')]
      const key = { form: args.oneOf('key', keyForms) ?? ('file' as const) }
      const request = { id, key, full: args.flag('full') }
      const made = await makeDelivery(await deskOf(open), request, contextOf(signal))
      await writeWhole(out, made.container)
      await writeWhole(keysOut, Buffer.from(made.keyFile, 'utf8'))
      const { records, gone, sequence } = made
      return {
        lines: [
          `written: ${out}, number ${sequence}, ${records} records, ${gone} gone`,
          `its key: ${keysOut}`,
        ],
        data: { id, file: out, keys: keysOut, records, gone, sequence },
      }
    }),
}

export const agreementOutbox: Command = {
  usage: `ID ${workspaceUsage} (--folder FOLDER | --none)`,
  about: 'puts what is due into a folder by itself while a window has the workspace open; keys are sealed',
  options: { ...workspaceOptions, folder: { type: 'string' }, none: { type: 'boolean' } },
  run: (args) =>
    withWorkspace(args, async (_console, open) => {
      const id = args.onlyWord('The agreement')
      const folder = args.flag('none') ? null : resolve(args.need('folder'))
      await setOutbox(await deskOf(open), id, folder)
      return {
        lines: [folder === null ? 'made by hand' : `put into: ${folder}`],
        data: { id, outbox: folder },
      }
    }),
}

const applyOptions = {
  ...workspaceOptions,
  keys: { type: 'string', short: 'k' },
  'receipt-out': { type: 'string' },
  'leave-out-refused': { type: 'boolean' },
  override: { type: 'string' },
  'dry-run': { type: 'boolean' },
  force: { type: 'boolean' },
} as const

export const applyAgreement: Command = {
  usage: `FILE --keys FILE ${workspaceUsage} (--dry-run | --receipt-out FILE) [--leave-out-refused] [--override WHY] [--force]`,
  about:
    'applies a delivery of the other office and writes the receipt for it; --dry-run tells what it would do',
  options: applyOptions,
  run: (args) =>
    withWorkspace(args, async (console) => {
      const delivery = await deliveryOf(console, args)
      const plan = await console.agreements.planApply(delivery)
      const { inserted, updated, queued } = plan.counts
      const refused = plan.refused.map(({ title, message }) => `  refused: ${title}: ${message}`)
      const against = plan.broken.map(({ title, message }) => `  against a rule: ${title}: ${message}`)
      if (args.flag('dry-run'))
        return {
          lines: [`would add ${inserted}, change ${updated}, ask about ${queued}`, ...refused, ...against],
          data: plan,
          holds: plan.refused.length + plan.broken.length === 0,
        }
      const out = freePath(args, 'receipt-out')
      const done = await console.agreements.apply({ ...delivery, ...choices(plan, args) })
      await writeMade(console, done.receipt, out)
      return {
        lines: [
          `applied as ${done.importId}: added ${done.counts.inserted}, changed ${done.counts.updated}, to decide ${done.counts.queued}`,
          `receipt: ${out}`,
        ],
        data: { ...done, receipt: out },
      }
    }),
}

/** Records against a rule are taken with a reason, or left out like those that cannot be taken at all. */
function choices(
  { refused, broken }: OutputOf<'agreements.planApply'>,
  args: Arguments,
): { readonly exclude: { collection: string; id: string }[]; readonly override?: string } {
  const override = args.one('override')
  const left = args.flag('leave-out-refused') ? [...refused, ...(override === undefined ? broken : [])] : []
  const exclude = left.map(({ collection, id }) => ({ collection, id }))
  return { exclude, ...(override !== undefined && { override }) }
}

async function deliveryOf(console: Console, args: Arguments) {
  const handle = await namedFile(console, args.onlyWord('The delivery'))
  const keys = await console.files.register(resolve(args.need('keys')), 'keys')
  return { handle, keys: { handle: keys.handle } }
}
