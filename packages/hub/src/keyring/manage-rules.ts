/** Who may give access to whom, take it from whom, and how much of it; the table of the contract, section 9. */
import { PermissionDeniedError, PrivilegeEscalationError } from '../errors.ts'
import type { Capability, Role } from '../types/access.ts'
import type { KeyringFile } from './keyring-file.ts'
import type { CheckedGrant } from './parse-grant.ts'
import { needsOwner } from './seal.ts'

/** @throws PermissionDeniedError */
export function assertManages(role: Role, target: Role): void {
  if (role === 'owner' || (role === 'admin' && !needsOwner(target))) return
  throw new PermissionDeniedError(`The role ${role} gives and takes no access of the role ${target}.`)
}

/** An owner is not made less by somebody's grant, as it cannot be revoked. @throws PermissionDeniedError */
export function assertStaysOwner(before: Role, after: Role): void {
  if (before === 'owner' && after !== 'owner')
    throw new PermissionDeniedError('An owner stays an owner: nobody can take or lower that role.')
}

/**
 * Owners may hand out any capability, also one they have not taken themselves. An admin hands out no more than
 * the admin's own keyring says, and for no longer.
 * @throws PrivilegeEscalationError
 */
export function assertHolds(granter: KeyringFile, grant: CheckedGrant): void {
  if (granter.role === 'owner') return
  assertCovers('exportCapability', granter, granter.export_capability, grant.exportCapability, grant.role)
  assertCovers('importCapability', granter, granter.import_capability, grant.importCapability, grant.role)
  if (lastsLonger(granter.expires_at, grant.expiresAt)) throw new PrivilegeEscalationError('expiresAt')
}

/** Access given without an end ends with the granter's own. */
export function expiryOf(granter: KeyringFile, { expiresAt }: CheckedGrant): string | undefined {
  return expiresAt ?? (granter.role === 'owner' ? undefined : granter.expires_at)
}

export function mayExportBundle(role: Role, capability: Capability | undefined): boolean {
  return capability?.bundle ?? (role === 'owner' || role === 'admin')
}

export function mayHandle(capability: Capability | undefined, format: string | undefined): boolean {
  return (capability?.plaintext ?? []).some((known) => known === '*' || known === format)
}

function assertCovers(
  name: string,
  granter: KeyringFile,
  own: Capability | undefined,
  given: Capability | undefined,
  role: Role,
): void {
  const formats = given?.plaintext ?? []
  const plaintext = formats.every((format) => mayHandle(own, format))
  const bundle = !mayExportBundle(role, given) || mayExportBundle(granter.role, own)
  if (!plaintext || !bundle) throw new PrivilegeEscalationError(name)
}

function lastsLonger(own: string | undefined, given: string | undefined): boolean {
  return own !== undefined && given !== undefined && Date.parse(given) > Date.parse(own)
}
