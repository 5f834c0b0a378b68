/** Records out of a workspace: as a workbook, a table, lines of JSON, a report, or a bundle for another party. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { KeyChoice } from '../../../src-shared/ipc/exports.ts'
import { writeChunks, writeWhole } from '../../console/capped-files.ts'
import { exportTo } from '../../console/exports/exports.ts'
import { type Open, userId } from '../../console/session.ts'
import { exportTables, type TableRequest, tableFormats } from '../../console/exports/tables.ts'
import { type Arguments, type OptionTable, UsageError } from '../arguments.ts'
import type { Command, Outcome } from '../command.ts'
import { keyPassphraseOptions, keyPassphraseUsage, readNewKeyPassphrase } from '../passphrase.ts'
import {
  chosenClients,
  clientOptions,
  contextOf,
  withWorkspace,
  workspaceOptions,
  workspaceUsage,
} from '../workspace.ts'

/** How the keys of a bundle look, as a command names it. */
const keyForms = ['file', 'passphrase', 'sealed', 'text'] as const

const formats = [...tableFormats, 'bundle'] as const

export const exportRecords: Command = {
  usage: `${workspaceUsage} --format ${formats.join('|')} --out FILE (--client CLIENT… | --all) [--collection NAME]… [--columns A,B] [--labels | --names] [--delimiter , | ; | tab] [--decimal . | ,] [--bom] [--locale TAG] [--title TEXT] [--to PARTY --keys-out FILE [--key-form ${keyForms.join('|')}] ${keyPassphraseUsage} [--deletions]] [--force]`,
  about: 'exports records of clients; a bundle needs --to and --keys-out',
  options: {
    ...workspaceOptions,
    ...clientOptions,
    format: { type: 'string', short: 'f' },
    out: { type: 'string', short: 'o' },
    collection: { type: 'string', multiple: true },
    columns: { type: 'string' },
    labels: { type: 'boolean' },
    names: { type: 'boolean' },
    delimiter: { type: 'string' },
    decimal: { type: 'string' },
    bom: { type: 'boolean' },
    locale: { type: 'string' },
    title: { type: 'string' },
    to: { type: 'string' },
    'keys-out': { type: 'string' },
    'key-form': { type: 'string' },
    ...keyPassphraseOptions,
    deletions: { type: 'boolean' },
    force: { type: 'boolean' },
  },
  run: (args, signal) =>
    withWorkspace(args, async (_console, open) => {
      args.noWords()
      const format = args.oneOf('format', formats)
      if (format === undefined) throw new UsageError('--format is missing.')
      const out = freePath(args, 'out')
      const vaults = await chosenClients(open, args)
      if (format === 'bundle') return exportBundleTo(open, args, { out, vaults, signal })
      await writeChunks(out, await exportTables(open, requestOf(args, format, vaults), { signal }))
      return { lines: [`written: ${out}`], data: { file: out, format, vaults } }
    }),
}

interface BundleJob {
  readonly out: string
  readonly vaults: readonly string[]
  readonly signal: AbortSignal
}

async function exportBundleTo(
  open: Open,
  args: Arguments,
  { out, vaults, signal }: BundleJob,
): Promise<Outcome> {
  const keysOut = freePath(args, 'keys-out')
  const request = {
    party: args.need('to'),
    vaults,
    key: await keyOf(args),
    deletions: args.flag('deletions'),
  }
  const made = await exportTo(open, request, contextOf(signal))
  await writeWhole(out, made.container)
  await writeWhole(keysOut, Buffer.from(made.keyFile, 'utf8'))
  const { records, sequence } = made
  return {
    lines: [`written: ${out}, number ${sequence}, ${records} records`, `its keys: ${keysOut}`],
    data: { file: out, keys: keysOut, format: 'bundle', vaults, records, sequence },
  }
}

async function keyOf(args: Arguments): Promise<KeyChoice> {
  const form = args.oneOf('key-form', keyForms) ?? 'file'
  if (form !== 'passphrase') return { form }
  return { form: 'wrapped', passphrase: await readNewKeyPassphrase(args) }
}

/** @throws UsageError where something is there already */
export function freePath(args: Arguments, option: string): string {
  const path = resolve(args.need(option))
  if (existsSync(path) && !args.flag('force'))
    throw new UsageError(`${path} is there already; --force replaces it.`)
  return path
}

function requestOf(args: Arguments, format: TableRequest['format'], vaults: readonly string[]): TableRequest {
  const [collections, columns] = [args.many('collection'), args.one('columns')]
  const [locale, title] = [localeOf(args), args.one('title')]
  return {
    format,
    vaults,
    ...(collections.length > 0 && { collections }),
    ...(columns !== undefined && { columns: columns.split(',') }),
    ...headingsOf(args),
    csv: csvOf(args),
    ...(locale !== undefined && { locale }),
    ...(title !== undefined && { title }),
  }
}

function headingsOf(args: Arguments): Pick<TableRequest, 'headings'> {
  const [labels, names] = [args.flag('labels'), args.flag('names')]
  if (labels && names) throw new UsageError('Columns have labels or names, not both.')
  return labels || names ? { headings: labels ? 'labels' : 'names' } : {}
}

function csvOf(args: Arguments): NonNullable<TableRequest['csv']> {
  const delimiter = args.oneOf('delimiter', [',', ';', 'tab'])
  const decimalSign = args.oneOf('decimal', ['.', ','])
  return {
    ...(delimiter !== undefined && { delimiter: delimiter === 'tab' ? '\t' : delimiter }),
    ...(decimalSign !== undefined && { decimalSign }),
    byteOrderMark: args.flag('bom'),
  }
}

function localeOf(args: Arguments): string | undefined {
  const locale = args.one('locale')
  try {
    return locale === undefined ? undefined : Intl.getCanonicalLocales(locale)[0]
  } catch {
    throw new UsageError(`--locale is a tag such as de-AT; "${locale ?? ''}" is not.`)
  }
}

const allowOptions: OptionTable = {
  ...workspaceOptions,
  ...clientOptions,
  format: { type: 'string', multiple: true, short: 'f' },
  revoke: { type: 'boolean' },
}

export const allowExport: Command = {
  usage: `${workspaceUsage} (--client CLIENT… | --all) (--format ${tableFormats.join('|')}… | --revoke)`,
  about:
    'lets records of clients leave in clear in these formats and no others, or in none; noted in the audit trail',
  options: allowOptions,
  run: (args) =>
    withWorkspace(args, async (_console, open) => {
      args.noWords()
      const plaintext = args.many('format')
      const odd = plaintext.find((format) => !tableFormats.some((known) => known === format))
      if (odd !== undefined)
        throw new UsageError(`--format is one of ${tableFormats.join(', ')}; "${odd}" is not.`)
      if (args.flag('revoke') === plaintext.length > 0)
        throw new UsageError('Name formats with --format, or --revoke all.')
      const vaults = await chosenClients(open, args)
      const exportCapability = plaintext.length === 0 ? null : { plaintext }
      for (const vault of vaults) await open.db.setExportCapability(vault, { userId, exportCapability })
      return {
        lines: vaults.map((vault) => `${vault}: ${plaintext.join(', ') || 'nothing'}`),
        data: { vaults, formats: plaintext },
      }
    }),
}
