/** Taking a user's keyring away, by default together with the worth of every copy of it. */
import { NoAccessError, PermissionDeniedError } from '../errors.ts'
import type { RevokeOptions, Role } from '../types/access.ts'
import type { TxWriteOp } from '../types/store.ts'
import { auditOps, keyPlace, manager, writeTogether, type Access, type Manager } from './access.ts'
import { KEYRING } from './keyring-file.ts'
import { assertManages } from './manage-rules.ts'
import { rotateKeys } from './rotate.ts'
import { rosterOp, type Member } from './roster.ts'
import { readTarget, type Target } from './target.ts'

/** `only` = the role the user must have. @throws NoAccessError, PermissionDeniedError */
export async function revoke(access: Access, options: RevokeOptions, only?: Role): Promise<void> {
  const { userId, rotateKeys: rotates = true, ...work } = options
  const revoker = await manager(access)
  const target = await readTarget(revoker, userId)
  assertRevocable(revoker, target, only)
  const { roster, core } = revoker
  const members = new Map(roster.members).set(userId, goneMember(roster.members.get(userId), target))
  const entry = { command: 'access.revoke', reason: userId }
  const removal = removalOp(core.name, target)
  if (rotates) return rotateKeys(revoker, { members, ops: [removal], entry }, work)
  await writeTogether(core, [
    removal,
    rosterOp(keyPlace(revoker), members, roster.version),
    ...(await auditOps(revoker, entry)),
  ])
}

function assertRevocable({ core, keys }: Manager, { userId, role }: Target, only?: Role): void {
  if (role === null) throw new NoAccessError(`${userId} has no keyring in the vault ${core.name}.`)
  if (role === 'owner') throw new PermissionDeniedError('An owner cannot be revoked.')
  if (only !== undefined && role !== only)
    throw new PermissionDeniedError(`${userId} has the role ${role}, not ${only}.`)
  assertManages(keys.role, role)
}

/** Somebody the roster does not know may hold anything. */
function goneMember(member: Member | undefined, { role }: Target): Member {
  return { role: member?.role ?? role ?? 'client', seal: null, held: member?.held ?? '*' }
}

function removalOp(vault: string, { userId: id, version: expectedVersion }: Target): TxWriteOp {
  return { vault, collection: KEYRING, id, op: 'delete', expectedVersion }
}
