/** Files of other programs: what one is, what its import would do, and doing it. */
import {
  fileSource,
  type ForeignSource,
  type MappingProfile,
  parseProfile,
  type SourceReader,
} from '@klum-db/lobby'
import { resolve } from 'node:path'
import { strategy } from '../../../src-shared/ipc/common.ts'
import type { ForeignKind, Reading } from '../../../src-shared/ipc/foreign.ts'
import type { PlanView } from '../../../src-shared/ipc/imports.ts'
import { AppError } from '../../console/app-error.ts'
import { registeredClients } from '../../console/clients/names.ts'
import type { Console } from '../../console/console.ts'
import { readFile, selectionOf } from '../../console/foreign/file-view.ts'
import { mappingOf, profileCalled } from '../../console/foreign/profiles.ts'
import { createReaders } from '../../console/foreign/readers.ts'
import { recognise } from '../../console/foreign/recognise.ts'
import type { Open } from '../../console/session.ts'
import { UsageError, type Arguments, type OptionTable } from '../arguments.ts'
import type { Command } from '../command.ts'
import { applied, applyOptions, applyUsage, planned, rowsToExclude } from '../planned.ts'
import { readProfileFile } from '../profile-file.ts'
import { strictnessOf, strictnessOptions, strictnessUsage } from '../strictness.ts'
import { clientCalled, contextOf, withWorkspace, workspaceOptions, workspaceUsage } from '../workspace.ts'

const kinds = ['csv', 'jsonl', 'xlsx', 'sqlite', 'ubl', 'ofx'] as const

export const dockInspect: Command = {
  usage: `FILE [--kind ${kinds.join('|')}] [--table NAME]`,
  about: 'what a file of another program is: kind, headings, rows; needs no workspace',
  options: { kind: { type: 'string' }, table: { type: 'string' } },
  async run(args, signal) {
    const path = resolve(args.onlyWord('The file'))
    const source = await fileSource(path)
    const reader = createReaders({})[args.oneOf('kind', kinds) ?? (await foreignKind(source))]
    const found = await readFile(reader, source, undefined, { signal })
    const table = args.one('table')
    const view =
      table === undefined ? found : await readFile(reader, source, { ...found.reading, table }, { signal })
    const counts = await countRows(reader, source, view.reading, signal)
    const { columns, tables, reading } = view
    return {
      lines: [
        `${path}: ${view.format ?? view.kind}, ${source.bytes} bytes, sha256 ${view.sha256}`,
        `read as ${JSON.stringify(reading)}: ${counts.rows} rows, ${counts.faulty} of them faulty`,
        ...(tables.length > 1 ? [`tables: ${tables.join(', ')}`] : []),
        ...columns.map(
          ({ name, type, ambiguous }) => `  ${name}: ${type}${ambiguous ? ', in one of two ways' : ''}`,
        ),
      ],
      data: { path, bytes: source.bytes, ...view, ...counts },
    }
  },
}

async function foreignKind(source: ForeignSource): Promise<ForeignKind> {
  const kind = await recognise(source)
  if (kind !== 'bundle') return kind
  throw new AppError(
    'FILE_UNKNOWN',
    'This is a bundle. Nothing was changed. Use "klum inspect" and "klum import".',
  )
}

async function countRows(reader: SourceReader, source: ForeignSource, reading: Reading, signal: AbortSignal) {
  let [rows, faulty] = [0, 0]
  for await (const { faults } of reader.rows(source, selectionOf(reading), { signal })) {
    rows += 1
    if (faults.length > 0) faulty += 1
  }
  return { rows, faulty }
}

const planOptions: OptionTable = {
  ...workspaceOptions,
  client: { type: 'string', short: 'c' },
  profile: { type: 'string', short: 'p' },
  'profile-file': { type: 'string' },
  strategy: { type: 'string' },
  ...strictnessOptions,
}
const planUsage = `FILE --client CLIENT (--profile PROFILE|--profile-file FILE) ${workspaceUsage} [--strategy ${strategy.options.join('|')}] ${strictnessUsage}`

export const dockPlan: Command = {
  usage: planUsage,
  about: 'what importing a file of another program would do; exit code 1 where rows stand in its way',
  options: planOptions,
  run: (args, signal) =>
    withWorkspace(args, async (console, open) => planned(await planOf(console, open, args, signal))),
}

export const dockImport: Command = {
  usage: `${planUsage} ${applyUsage}`,
  about: 'imports a file of another program, in one transaction; --expect takes the hash that a plan told',
  options: { ...planOptions, ...applyOptions },
  run: (args, signal) =>
    withWorkspace(args, async (console, open) => {
      const excluded = rowsToExclude(args)
      return applied(console, { plan: await planOf(console, open, args, signal), excluded }, args, signal)
    }),
}

async function planOf(console: Console, open: Open, args: Arguments, signal: AbortSignal): Promise<PlanView> {
  const path = resolve(args.onlyWord('The file'))
  const profile = await profileFor(open, args)
  const { vaultId } = clientCalled(await registeredClients(open.state), args.need('client'))
  const { handle } = await console.files.register(path, 'import')
  const chosen = args.oneOf('strategy', strategy.options) ?? 'three-way'
  const request = {
    file: handle,
    mapping: mappingOf(profile),
    vaultId,
    strategy: chosen,
    ...(await strictnessOf(console, args)),
  }
  return console.foreign.plan(request, contextOf(signal))
}

/** A kept one, or one in a file, which an import keeps. */
async function profileFor(open: Open, args: Arguments): Promise<MappingProfile> {
  const file = args.one('profile-file')
  if (file === undefined) return profileCalled(open, args.need('profile'))
  if (args.one('profile') !== undefined) throw new UsageError('Give --profile or --profile-file, not both.')
  return parseProfile(await readProfileFile(file))
}
