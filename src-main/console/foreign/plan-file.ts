/** A foreign file as a held plan: from here on it is an import like that of a bundle. */
import { partyOfProfile, planForeign, type ForeignSource } from '@klum-db/lobby'
import type { VaultApi } from '@noy-db/hub'
import type { CallContext } from '../../../src-shared/ipc/define.ts'
import type { Mapping } from '../../../src-shared/ipc/foreign.ts'
import type { Strategy } from '../../../src-shared/ipc/common.ts'
import { AppError } from '../app-error.ts'
import { clientTemplate } from '../clients/names.ts'
import type { HeldPlan } from '../imports/plan-store.ts'
import { planningDb } from '../imports/planning-db.ts'
import { resolveTargets } from '../imports/targets.ts'
import { strictnessFor } from '../imports/strictness.ts'
import type { RuleBook } from '../rules.ts'
import type { Open } from '../session.ts'
import type { StrictnessRow } from '../state.ts'
import { profileOf } from './profiles.ts'
import type { ForeignReaders } from './readers.ts'

export interface PlanFileRequest {
  readonly mapping: Mapping
  readonly vaultId?: string | undefined
  readonly newClientName?: string | undefined
  readonly strategy: Strategy
  readonly strictness?: StrictnessRow | undefined
}

/** @throws AppError, LobbyError, SourceError */
export async function planFile(
  open: Open,
  source: ForeignSource,
  { readers, rules }: { readonly readers: ForeignReaders; readonly rules: RuleBook },
  request: PlanFileRequest,
  { signal, progress }: CallContext,
): Promise<HeldPlan> {
  const profile = await profileOf(open, request.mapping)
  const party = partyOfProfile(profile)
  const { into, pending } = await resolveTargets(open, [{ ...request, handle: party }])
  const vault = into[party] ?? ''
  const strictness = await strictnessFor(open, [{ ...request, handle: party }], into)
  const template = open.templates.get(open.templateNames.get(vault) ?? clientTemplate)
  if (!template.collections.has(profile.collection))
    throw new AppError(
      'MAPPING_INVALID',
      `This client keeps no "${profile.collection}". Nothing was imported. Choose another collection.`,
    )
  const plan = await planForeign(
    await planningDb(
      open.db,
      pending.map(({ vaultId }) => vaultId),
    ),
    {
      vault,
      profile,
      source,
      reader: readers[profile.kind],
      declare: (opened: VaultApi) => {
        template.configure(opened)
      },
      naturalKeys: template.collections,
      strategy: request.strategy,
      strictness: strictness.byVault[vault] ?? 'field',
      rules: rules.rulesOf(open),
    },
    { signal, onProgress: progress },
  )
  return { plan, pending, profile, strictness: strictness.changed }
}
