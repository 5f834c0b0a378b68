/** The options of grants and revocations, checked before anything is read. */
import { checkCollectionName, checkId } from '../collection/check-name.ts'
import { ValidationError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Capability, GrantOptions, Permissions } from '../types/access.ts'
import { readsEverything, ROLES } from './roles.ts'

export type CheckedGrant = GrantOptions & { readonly permissions: Permissions }

/** @throws ValidationError */
export function checkGrant(options: GrantOptions, now: number): CheckedGrant {
  const { userId, displayName, role, passphrase, permissions = {}, expiresAt } = options
  checkId(userId)
  if (typeof displayName !== 'string' || Buffer.byteLength(displayName) > limits.nameBytes)
    throw new ValidationError(`A display name is a text of at most ${limits.nameBytes} bytes.`)
  if (!ROLES.includes(role)) throw new ValidationError(`There is no role "${role}".`)
  if (typeof passphrase !== 'string' || passphrase === '')
    throw new ValidationError('A grant needs the passphrase of the user.')
  checkPermissions(permissions)
  if (readsEverything(role) && Object.keys(permissions).length > 0)
    throw new ValidationError(`The role ${role} reads everything; permissions would not limit it.`)
  checkCapability('exportCapability', options.exportCapability)
  checkCapability('importCapability', options.importCapability)
  if (expiresAt === undefined) return { ...options, permissions: { ...permissions } }
  return { ...options, permissions: { ...permissions }, expiresAt: checkExpiry(expiresAt, now) }
}

/** @throws ValidationError */
export function checkCapability(name: string, capability: Capability | null | undefined): void {
  if (capability === undefined || capability === null) return
  const { plaintext, bundle } = capability
  const formats: unknown = plaintext ?? []
  const isList = Array.isArray(formats) && formats.every((format) => typeof format === 'string')
  if (!isList || (bundle !== undefined && typeof bundle !== 'boolean'))
    throw new ValidationError(`${name} is { plaintext?: formats, bundle?: boolean }.`)
}

function checkPermissions(permissions: Readonly<Record<string, unknown>>): void {
  for (const [collection, access] of Object.entries(permissions)) {
    checkCollectionName(collection)
    if (access !== 'rw' && access !== 'ro')
      throw new ValidationError(`Access to ${collection} is 'rw' or 'ro'.`)
  }
}

function checkExpiry(expiresAt: string, now: number): string {
  const at = typeof expiresAt === 'string' ? Date.parse(expiresAt) : NaN
  if (!(at > now)) throw new ValidationError('expiresAt is a time to come, in ISO-8601 form.')
  return new Date(at).toISOString()
}
