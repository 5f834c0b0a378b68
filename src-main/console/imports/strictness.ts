/** How strictly each collection of a client is merged: said in an import, and remembered with it for the next. */
import type { Transaction } from '@noy-db/hub'
import type { OutputOf } from '../../../src-shared/ipc/contract.ts'
import { clientTemplate } from '../clients/names.ts'
import type { Open } from '../session.ts'
import type { StrictnessRow } from '../state.ts'
import type { HeldPlan } from './plan-store.ts'

export async function knownStrictness(open: Open): Promise<OutputOf<'imports.strictness'>> {
  const { state, templates, templateNames } = open
  const collections = new Map<string, string>()
  for (const name of new Set([clientTemplate, ...templateNames.values()]))
    for (const { name: collection, label } of templates.get(name).collections.values())
      if (!collections.has(collection)) collections.set(collection, label.many)
  const rows = await state.strictness.entries()
  return {
    collections: [...collections].map(([name, label]) => ({ name, label })),
    byVault: Object.fromEntries(rows.map(({ id, record }) => [id, { ...record }])),
  }
}

interface Wanted {
  readonly handle: string
  readonly strictness?: StrictnessRow | undefined
}

/** What was said now, else what was last time; and where the two differ. */
export async function strictnessFor(
  { state }: Open,
  targets: readonly Wanted[],
  into: Readonly<Record<string, string>>,
): Promise<{ byVault: Record<string, StrictnessRow>; changed: ReadonlyMap<string, StrictnessRow> }> {
  const known = new Map((await state.strictness.entries()).map(({ id, record }) => [id, record]))
  const byVault = new Map<string, StrictnessRow>()
  const changed = new Map<string, StrictnessRow>()
  for (const { handle, strictness } of targets) {
    const vault = into[handle] ?? handle
    const before = known.get(vault) ?? {}
    const wanted = strictness ?? before
    byVault.set(vault, wanted)
    if (!isSame(wanted, before)) changed.set(vault, wanted)
  }
  return { byVault: Object.fromEntries(byVault), changed }
}

function isSame(left: StrictnessRow, right: StrictnessRow): boolean {
  const names = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...names].every((name) => (left[name] ?? 'field') === (right[name] ?? 'field'))
}

export function rememberStrictness(tx: Transaction, { state }: Open, { strictness }: HeldPlan): void {
  for (const [vault, row] of strictness ?? []) tx.put(state.vault, state.strictness.name, vault, { ...row })
}
