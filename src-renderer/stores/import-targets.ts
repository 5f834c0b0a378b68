/** Where each compartment of a bundle goes. */
import type { Strategy } from '../../src-shared/ipc/common.ts'
import type { InputOf } from '../../src-shared/ipc/contract.ts'
import type { CompartmentView } from '../../src-shared/ipc/imports.ts'

export interface Target {
  readonly handle: string
  /** `new`, `skip`, or the vault id of an existing client. */
  choice: string
  newName: string
}

/** The suggested client where there is one, else a new client by the name the bundle gives. */
export function firstTargets(compartments: readonly CompartmentView[]): Target[] {
  return compartments.map(({ handle, name, suggestedVaultId }) => ({
    handle,
    choice: suggestedVaultId ?? 'new',
    newName: name ?? '',
  }))
}

/** One import treats all its clients in the same way. */
export function toInto(targets: readonly Target[], strategy: Strategy): InputOf<'imports.plan'>['into'] {
  return targets
    .filter(({ choice }) => choice !== 'skip')
    .map(({ handle, choice, newName }) =>
      choice === 'new'
        ? { handle, newClientName: newName.trim(), strategy }
        : { handle, vaultId: choice, strategy },
    )
}

export const strategies: ReadonlyArray<{
  readonly value: Strategy
  readonly label: string
  readonly effect: string
}> = [
  {
    value: 'three-way',
    label: 'Merge, ask about overlaps',
    effect: 'A field changed on one side only is merged; a field changed on both sides is asked about.',
  },
  {
    value: 'manual-queue',
    label: 'Ask about every change',
    effect: 'Every record that differs waits for a decision.',
  },
  {
    value: 'take-incoming',
    label: 'Take theirs',
    effect: 'Where records differ, the bundle’s version replaces yours.',
  },
  {
    value: 'keep-local',
    label: 'Keep ours',
    effect: 'Where records differ, yours stays; only new records are added.',
  },
  { value: 'lww-by-ts', label: 'Take the newer', effect: 'Where records differ, the one changed last wins.' },
]
