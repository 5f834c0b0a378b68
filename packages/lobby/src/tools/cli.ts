/** The command `klum`: looks at a group from a terminal. Started by `bin/klum`. */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { errorFacts, type ErrorFacts } from '../error-facts.ts'
import type { VaultGroup } from '../federation/vault-group.ts'
import { groupInspector } from './inspector.ts'
import { meterGroup, type GroupMeterReport } from './meter.ts'

/** Default export of a config module. */
export type GroupFactory = (groupName?: string) => Promise<VaultGroup<unknown>>

export interface CliArgs {
  readonly command: string
  /** With `inspect-group`: how much each shard holds, too. */
  readonly meter: boolean
  readonly json: boolean
  /** End with code 3 when a shard was skipped. */
  readonly strict: boolean
  readonly configPath?: string
  readonly group?: string
  readonly vault?: string
}

/** Lines for people, the same as data for programs, and how many shards could not be looked at. */
export interface CliOutput {
  readonly lines: readonly string[]
  readonly data: unknown
  readonly skipped: number
}

export interface CliStreams {
  out(line: string): void
  error(line: string): void
}

const usage = {
  'inspect-group': 'usage: klum inspect-group <config> --group=<name> [--vault=<id>]',
  'meter-group': 'usage: klum meter-group <config> --group=<name>',
}
const help = 'klum <inspect-group|meter-group> <config> --group=<name> [--vault=<id>]'

/** The last bare word is the config; unknown switches are ignored. */
export function parseArgs(argv: readonly string[]): CliArgs {
  const [command = '', ...rest] = argv
  const valueOf = (name: string): string | undefined =>
    rest.findLast((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3)
  const configPath = rest.findLast((word) => !word.startsWith('--'))
  const [group, vault] = [valueOf('group'), valueOf('vault')]
  return {
    command,
    meter: rest.includes('--meter'),
    json: rest.includes('--json'),
    strict: rest.includes('--strict'),
    ...(configPath !== undefined && { configPath }),
    ...(group !== undefined && { group }),
    ...(vault !== undefined && { vault }),
  }
}

/** @public */
export async function runInspectGroup(
  group: VaultGroup<unknown>,
  { vault, meter }: CliArgs,
): Promise<CliOutput> {
  const inspector = groupInspector(group)
  const shards = await inspector.listAccessibleVaults()
  const skipped = (await group.allRows()).length - shards.length
  const collections = vault === undefined ? undefined : await (await inspector.openVault(vault)).collections()
  const metered = meter ? await meterGroup(group) : undefined
  return {
    lines: [
      `group "${group.name}" — ${shards.length} shard(s):`,
      ...shards.map(({ id, role }) => `  ${id} [${role}]`),
      ...(vault === undefined ? [] : [`  collections in ${vault}: ${collections?.join(', ') ?? ''}`]),
      ...(metered === undefined ? [] : meterLines(group.name, metered)),
    ],
    data: {
      group: group.name,
      shards,
      skipped,
      ...(vault !== undefined && { vault, collections }),
      ...(metered !== undefined && { meter: plain(metered) }),
    },
    skipped,
  }
}

/** @public */
export async function runMeterGroup(group: VaultGroup<unknown>): Promise<CliOutput> {
  const report = await meterGroup(group)
  const data = { group: group.name, ...plain(report) }
  return { lines: meterLines(group.name, report), data, skipped: report.skipped.length }
}

function meterLines(
  name: string,
  { vaults, collections, records, perShard, skipped }: GroupMeterReport,
): string[] {
  return [
    `group "${name}" — ${vaults} vault(s), ${collections} collection(s), ${records} record(s)`,
    ...perShard.map(
      (shard) =>
        `  ${shard.vaultId} (${shard.partitionKey}) v${shard.schemaVersion}: ${shard.collections} coll, ${shard.records} rec`,
    ),
    ...(skipped.length > 0 ? [`  skipped: ${skipped.length} shard(s)`] : []),
  ]
}

/** Errors as text: JSON has no members of theirs. */
function plain({ skipped, ...report }: GroupMeterReport) {
  return {
    ...report,
    skipped: skipped.map(({ vaultId, reason, error }) => ({
      vaultId,
      reason,
      ...(error && { message: error.message }),
    })),
  }
}

/** The exit code: 0 done, 1 failed or unknown command, 2 no config named, 3 with `--strict` when a shard was skipped. */
export async function main(argv: readonly string[], streams: CliStreams): Promise<number> {
  const args = parseArgs(argv)
  const { command, configPath } = args
  if (command !== 'inspect-group' && command !== 'meter-group') {
    streams.out(help)
    return command === '' ? 0 : 1
  }
  if (configPath === undefined) {
    refuse(args, { code: 'BAD_INPUT', message: usage[command] }, streams)
    return 2
  }
  try {
    const { lines, data, skipped } = await run(args, configPath)
    if (args.json) streams.out(JSON.stringify(data, null, 2))
    else for (const line of lines) streams.out(line)
    return args.strict && skipped > 0 ? 3 : 0
  } catch (error) {
    refuse(args, errorFacts(error), streams)
    return 1
  }
}

/** For people on the error stream always; for programs as the document they wait for. */
function refuse({ json }: CliArgs, error: ErrorFacts, streams: CliStreams): void {
  streams.error(error.message)
  if (json) streams.out(JSON.stringify({ error }, null, 2))
}

async function run(args: CliArgs, configPath: string): Promise<CliOutput> {
  const group = await (await loadFactory(configPath))(args.group)
  try {
    return args.command === 'inspect-group' ? await runInspectGroup(group, args) : await runMeterGroup(group)
  } finally {
    const store = group.db._store
    group.db.close()
    if (closes(store)) await store.close()
  }
}

/** A store with a host of its own keeps the process alive until it is closed. */
function closes(store: object): store is { close(): Promise<void> } {
  return 'close' in store && typeof store.close === 'function'
}

/** The path counts from the folder the command was called in. */
async function loadFactory(path: string): Promise<GroupFactory> {
  const module = (await import(pathToFileURL(resolve(path)).href)) as { default?: unknown } // checked next
  if (typeof module.default !== 'function')
    throw new TypeError(`${path} has no default export that opens a group.`)
  return module.default as GroupFactory // what a config module promises
}
