/** Where each compartment of a bundle goes. */
import type { Strategy } from '../../src-shared/ipc/common.ts'
import type { InputOf } from '../../src-shared/ipc/contract.ts'
import type { Levels } from './import-strictness.ts'
import type { BundleView, CompartmentView, SenderView } from '../../src-shared/ipc/imports.ts'

export interface Target {
  readonly handle: string
  /** `new`, `skip`, or the vault id of an existing client. */
  choice: string
  newName: string
  /** How records that differ are treated. */
  strategy: Strategy
  /** Every collection, where a person said how strictly; else as remembered of the client. */
  strictness?: Levels
}

/** The suggested client where there is one, else a new client by the name the bundle gives. */
export function firstTargets(compartments: readonly CompartmentView[]): Target[] {
  return compartments.map(({ handle, name, suggestedVaultId }) => ({
    handle,
    choice: suggestedVaultId ?? 'new',
    newName: name ?? '',
    strategy: 'three-way',
  }))
}

export function toInto(targets: readonly Target[]): InputOf<'imports.plan'>['into'] {
  return targets
    .filter(({ choice }) => choice !== 'skip')
    .map(({ handle, choice, newName, strategy, strictness }) => ({
      handle,
      strategy,
      ...(choice === 'new' ? { newClientName: newName.trim() } : { vaultId: choice }),
      ...(strictness !== undefined && { strictness: { ...strictness } }),
    }))
}

export interface Doubts {
  readonly key: boolean
  readonly sequence: boolean
}

/**
 * What about the sender has to be accepted by a person. Bundles left out in between are told, not asked about, and
 * a file taken before is not a replay by somebody else.
 */
export function doubtsAbout(bundle: BundleView | undefined, planned: SenderView | undefined): Doubts {
  const sender = planned ?? bundle?.sender
  const outOfOrder = sender?.sequenceState === 'replay' || sender?.sequenceState === 'fork'
  return {
    key: sender?.state === 'changed',
    sequence: outOfOrder && !bundle?.alreadyImported,
  }
}

export const strategies: ReadonlyArray<{
  readonly value: Strategy
  readonly label: string
  /** In the room of a column. */
  readonly short: string
  readonly effect: string
}> = [
  {
    value: 'three-way',
    label: 'Merge, ask about overlaps',
    short: 'Merge and ask',
    effect: 'A field changed on one side only is merged; a field changed on both sides is asked about.',
  },
  {
    value: 'manual-queue',
    label: 'Ask about every change',
    short: 'Ask about all',
    effect: 'Every record that differs waits for a decision.',
  },
  {
    value: 'take-incoming',
    label: 'Take theirs',
    short: 'Take theirs',
    effect: 'Where records differ, the bundle’s version replaces yours.',
  },
  {
    value: 'keep-local',
    label: 'Keep ours',
    short: 'Keep ours',
    effect: 'Where records differ, yours stays; only new records are added.',
  },
  {
    value: 'lww-by-ts',
    label: 'Take the newer',
    short: 'Take the newer',
    effect: 'Where records differ, the one changed last wins.',
  },
]
