/** Changing what a member may export: the claims are signed again, their keys stay as they are. */
import { NoAccessError, PermissionDeniedError, TamperedError } from '../errors.ts'
import type { ExportCapabilityChange } from '../types/access.ts'
import { auditOps, manager, writeTogether, type Access } from './access.ts'
import { memberOps } from './grant.ts'
import { isOnRoster } from './roster.ts'
import { isSealed, sealFile } from './seal.ts'
import { readTarget } from './target.ts'

/** @throws PermissionDeniedError unless the caller is an owner, NoAccessError for somebody without a keyring */
export async function setExportCapability(access: Access, change: ExportCapabilityChange): Promise<void> {
  const { userId, exportCapability } = change
  if (access.keys.role !== 'owner')
    throw new PermissionDeniedError('What a member may export is for an owner to say.')
  const owner = await manager(access)
  const target = await readTarget(owner, userId)
  if (target.role === null)
    throw new NoAccessError(`${userId} has no keyring in the vault ${owner.core.name}.`)
  if (target.file === null || !isOnRoster(owner.roster, target.file) || !isSealed(target.file, owner.scope))
    throw new TamperedError(`The keyring of ${userId} is not as it was granted.`)
  const { export_capability: _before, ...rest } = target.file
  const claims = exportCapability === null ? rest : { ...rest, export_capability: exportCapability }
  const file = sealFile(claims, owner.scope.vaultUlid, owner.signer)
  await writeTogether(owner.core, [
    ...memberOps(owner, target, file),
    ...(await auditOps(owner, { command: 'access.setExportCapability', reason: userId })),
  ])
}
