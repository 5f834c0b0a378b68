/** A bundle into a workspace: what it would do, and doing it. */
import { resolve } from 'node:path'
import type { BundleView, PlanView } from '../../../src-shared/ipc/imports.ts'
import { strategy } from '../../../src-shared/ipc/common.ts'
import { type RegisteredClient, registeredClients } from '../../console/clients/names.ts'
import type { Console } from '../../console/console.ts'
import type { Open } from '../../console/session.ts'
import { type Arguments, type OptionTable, UsageError } from '../arguments.ts'
import type { Command } from '../command.ts'
import { keyPassphraseOptions, keyPassphraseUsage, readKeyPassphrase } from '../passphrase.ts'
import { applied, applyOptions, applyUsage, planned, rowsToExclude } from '../planned.ts'
import { strictnessOf, strictnessOptions, strictnessUsage } from '../strictness.ts'
import { clientCalled, contextOf, withWorkspace, workspaceOptions, workspaceUsage } from '../workspace.ts'

const planOptions: OptionTable = {
  ...workspaceOptions,
  keys: { type: 'string', short: 'k' },
  into: { type: 'string', multiple: true },
  new: { type: 'string', multiple: true },
  strategy: { type: 'string' },
  ...strictnessOptions,
  ...keyPassphraseOptions,
}
const planUsage = `BUNDLE --keys FILE ${workspaceUsage} [--into PART=CLIENT]… [--new PART=NAME]… [--strategy ${strategy.options.join('|')}] ${strictnessUsage} ${keyPassphraseUsage}`

export const dryRun: Command = {
  usage: planUsage,
  about: 'what an import would do; exit code 1 where rows stand in its way',
  options: planOptions,
  run: (args, signal) =>
    withWorkspace(args, async (console, open) => {
      const plan = await planOf(console, open, args, signal)
      return planned(plan)
    }),
}

export const importBundle: Command = {
  usage: `${planUsage} ${applyUsage} [--accept-changed-sender] [--accept-sequence]`,
  about: 'imports a bundle, in one transaction; --expect takes the hash that a dry run told',
  options: {
    ...planOptions,
    ...applyOptions,
    'accept-changed-sender': { type: 'boolean' },
    'accept-sequence': { type: 'boolean' },
  },
  run: (args, signal) =>
    withWorkspace(args, async (console, open) => {
      const excluded = rowsToExclude(args)
      const plan = await planOf(console, open, args, signal)
      const request = {
        acceptChangedSender: args.flag('accept-changed-sender'),
        acceptSequence: args.flag('accept-sequence'),
      }
      return applied(console, { plan, excluded, request }, args, signal)
    }),
}

export const imports: Command = {
  usage: workspaceUsage,
  about: 'lists what was imported, newest first',
  options: workspaceOptions,
  run: (args) =>
    withWorkspace(args, async (console) => {
      args.noWords()
      const rows = await console.imports.list()
      return {
        lines: rows.map(
          ({ importId, appliedAt, party, fileName, status, openConflicts }) =>
            `${importId}  ${appliedAt}  ${party ?? 'unsigned'}, ${fileName ?? 'no file'}: ${status}, ${openConflicts} conflicts open`,
        ),
        data: { imports: rows },
      }
    }),
}

export const undoImport: Command = {
  usage: `IMPORT ${workspaceUsage} [--expect HASH] [--override WHY]`,
  about: 'undoes an import; without --expect it only tells what that would do, and the hash',
  options: { ...workspaceOptions, expect: { type: 'string' }, override: { type: 'string' } },
  run: (args, signal) =>
    withWorkspace(args, async (console) => {
      const importId = args.onlyWord('The import')
      const hash = args.one('expect')
      const done = hash !== undefined
      const override = args.one('override')
      const why = override === undefined ? {} : { override }
      const view = done
        ? await console.imports.undo({ importId, hash, ...why }, contextOf(signal))
        : await console.imports.planUndo(importId)
      const { restore, remove, withdraw, recall, refused, closed } = view
      const told = `${restore} restored, ${remove} removed, ${withdraw} conflicts withdrawn, ${recall.length} decisions recalled, ${refused.length} left as they are`
      const against = closed.rows.map(({ title, message }) => `  against a rule: ${title}: ${message}`)
      return {
        lines: [done ? told : `would be: ${told}; --expect ${view.hash}`, ...against],
        data: { ...view, done },
        holds: done || closed.total === 0,
      }
    }),
}

async function planOf(console: Console, open: Open, args: Arguments, signal: AbortSignal): Promise<PlanView> {
  const { files, imports } = console
  const keys = await files.register(resolve(args.need('keys')), 'keys')
  const bundle = await files.register(resolve(args.onlyWord('The bundle')), 'bundle')
  const chosen = args.oneOf('strategy', strategy.options) ?? 'three-way'
  const clients = await registeredClients(open.state)
  const targets = targetsOf(await imports.inspect(bundle.handle), args, clients)
  const strictness = await strictnessOf(console, args)
  const into = targets.map((target) => ({ ...target, strategy: chosen, ...strictness }))
  const { form } = await imports.keyForm(keys.handle)
  const passphrase = form === 'wrapped' ? { passphrase: await readKeyPassphrase(args) } : {}
  const request = { bundle: bundle.handle, keys: { handle: keys.handle, ...passphrase }, into }
  return imports.plan(request, contextOf(signal))
}

interface Target {
  readonly handle: string
  readonly vaultId?: string
  readonly newClientName?: string
}

/** Each part goes where it was sent, else where the last bundle of that kind went; parts that go nowhere are refused by name. */
function targetsOf(
  { compartments }: BundleView,
  args: Arguments,
  clients: readonly RegisteredClient[],
): Target[] {
  const [into, made] = [assignments(args, 'into'), assignments(args, 'new')]
  const targets = compartments.map(({ handle, name, suggestedVaultId }): Target => {
    const keys = [handle, name ?? handle]
    const newName = take(made, keys)
    if (newName !== undefined) return { handle, newClientName: newName }
    const client = take(into, keys)
    if (client !== undefined) return { handle, vaultId: clientCalled(clients, client).vaultId }
    if (suggestedVaultId !== null) return { handle, vaultId: suggestedVaultId }
    throw new UsageError(`Say where "${name ?? handle}" goes, with --into or --new.`)
  })
  const [unused] = [...into.keys(), ...made.keys()]
  if (unused !== undefined) throw new UsageError(`The bundle has no part "${unused}".`)
  return targets
}

function assignments(args: Arguments, option: string): Map<string, string> {
  const pairs = args.many(option).map((text): [string, string] => {
    const at = text.lastIndexOf('=')
    if (at < 1 || at === text.length - 1)
      throw new UsageError(`--${option} is PART=CLIENT; "${text}" is not.`)
    return [text.slice(0, at), text.slice(at + 1)]
  })
  return new Map(pairs)
}

function take(map: Map<string, string>, keys: readonly string[]): string | undefined {
  const key = keys.find((one) => map.has(one))
  if (key === undefined) return undefined
  const value = map.get(key)
  map.delete(key)
  return value
}
