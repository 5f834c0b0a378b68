/** A plan as the terminal tells it, and applying it: the same for bundles and for files of other programs. */
import type { RowRef } from '@klum-db/lobby'
import { z } from 'zod'
import { rowRef } from '../../src-shared/ipc/common.ts'
import type { PlanRow, PlanView } from '../../src-shared/ipc/imports.ts'
import { AppError } from '../console/app-error.ts'
import type { Console } from '../console/console.ts'
import { type Arguments, type OptionTable, UsageError } from './arguments.ts'
import { confirmed } from './confirm.ts'
import type { Outcome } from './command.ts'
import { contextOf } from './workspace.ts'

export const applyOptions: OptionTable = {
  expect: { type: 'string' },
  exclude: { type: 'string', multiple: true },
  override: { type: 'string' },
  reason: { type: 'string' },
  'allow-removals': { type: 'boolean' },
}
export const applyUsage =
  '[--expect HASH] [--exclude ROW]… [--override WHY] [--allow-removals] [--reason TEXT]'

/** What it would do; the answer is no where rows stand in its way. */
export function planned(plan: PlanView): Outcome {
  const { planId: _planId, ...data } = plan
  return { lines: planLines(plan), data, holds: plan.refused.length + plan.broken.total === 0 }
}

interface Wanted {
  readonly plan: PlanView
  readonly excluded: readonly RowRef[]
  readonly request?: { readonly acceptChangedSender: boolean; readonly acceptSequence: boolean }
}

/** @throws AppError PLAN_STALE where `--expect` names another plan */
export async function applied(
  console: Console,
  { plan, excluded, request }: Wanted,
  args: Arguments,
  signal: AbortSignal,
): Promise<Outcome> {
  if ((args.one('expect') ?? plan.hash) !== plan.hash) throw new AppError('PLAN_STALE')
  const [reason, override] = [args.one('reason'), args.one('override')]
  const receipt = await console.imports.apply(
    {
      planId: plan.planId,
      exclude: [...excluded],
      acceptRemovals: await mayRemove(plan, args),
      ...request,
      ...(override !== undefined && { override }),
      ...(reason !== undefined && { reason }),
    },
    contextOf(signal),
  )
  return {
    lines: [`imported as ${receipt.importId}`, ...receipt.perVault.map(vaultLine)],
    data: { ...receipt, planHash: plan.hash },
  }
}

/** Where nobody can be asked, only the option allows it; whether any would go is for the service to say. */
async function mayRemove({ counts }: PlanView, args: Arguments): Promise<boolean> {
  if (args.flag('allow-removals') || counts.delete === 0) return true
  return confirmed(`The sender deleted ${counts.delete} records; they would be removed here, too. Go on?`)
}

/** Each `{"vault":…,"collection":…,"id":…}`, as a dry run names it. @throws UsageError */
export function rowsToExclude(args: Arguments): RowRef[] {
  return args.many('exclude').map(rowOf)
}

function rowOf(text: string): RowRef {
  try {
    return z
      .looseObject(rowRef.shape)
      .transform(({ vault, collection, id }) => ({ vault, collection, id }))
      .parse(JSON.parse(text))
  } catch {
    throw new UsageError('--exclude takes {"vault":…,"collection":…,"id":…}, as the dry run names a row.')
  }
}

function planLines(plan: PlanView): string[] {
  return [
    `plan ${plan.hash}`,
    ...plan.perVault.map(vaultLine),
    ...(plan.counts.delete > 0
      ? [`  removals: ${plan.counts.delete}; without a terminal, the import needs --allow-removals`]
      : []),
    ...plan.refused.map(refusedLine),
    ...plan.broken.rows.map(againstLine),
    ...plan.amounts.map(amountLine),
  ]
}

function againstLine({ vaultName, title, broken }: PlanRow): string {
  return `  against a rule: ${vaultName}, ${title}: ${broken.map(({ message }) => message).join(' ')}`
}

function amountLine({ name, label, currency, delta, records }: PlanView['amounts'][number]): string {
  const change = `${delta > 0 ? '+' : ''}${delta} ${currency ?? ''}`
  return `  ${name}: ${label} ${change} in ${records} records, in minor units`
}

function refusedLine({ vaultName, title, place, fault }: PlanRow): string {
  const row = place === null ? title : `${place} (${title})`
  return `  refused: ${vaultName}, ${row}: ${fault?.message ?? 'it cannot be imported'}`
}

function vaultLine({ name, counts }: Pick<PlanView['perVault'][number], 'name' | 'counts'>): string {
  const told = Object.entries(counts).filter(([, count]) => count > 0)
  return `  ${name}: ${told.map(([outcome, count]) => `${count} ${outcome}`).join(', ') || 'nothing'}`
}
