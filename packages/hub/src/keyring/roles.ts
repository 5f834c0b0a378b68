/** What each role may do; the table of the hub's contract, section 9. */
import { NoAccessError, ReadOnlyError } from '../errors.ts'
import type { Permissions, Role } from '../types/vault.ts'

export const ROLES: readonly Role[] = ['owner', 'admin', 'custodian', 'operator', 'viewer', 'client']

/** From most to least, for `minRole`. */
const RANK: Record<Role, number> = { owner: 5, admin: 4, custodian: 3, operator: 2, viewer: 1, client: 0 }

/** Roles that read everything: their keyrings carry the vault key, so later collections are covered. */
export function readsEverything(role: Role): boolean {
  return role === 'owner' || role === 'admin' || role === 'custodian' || role === 'viewer'
}

function writesEverything(role: Role): boolean {
  return role !== 'viewer' && readsEverything(role)
}

export function isAtLeast(role: Role, minRole: Role): boolean {
  return RANK[role] >= RANK[minRole]
}

export interface Holder {
  readonly userId: string
  readonly role: Role
  readonly permissions: Permissions
}

/** `null` = a reserved row that belongs to no collection. @throws ReadOnlyError, or NoAccessError when not listed. */
export function assertMayWrite(holder: Holder, collection: string | null): void {
  if (writesEverything(holder.role)) return
  if (holder.role !== 'operator') throw new ReadOnlyError(`The role ${holder.role} may not write.`)
  if (collection === null) return
  assertMayRead(holder, collection)
  if (holder.permissions[collection] !== 'rw')
    throw new ReadOnlyError(`${holder.userId} may read ${collection} but not write it.`)
}

export function mayRead(holder: Holder, collection: string): boolean {
  return readsEverything(holder.role) || Object.hasOwn(holder.permissions, collection)
}

/** @throws NoAccessError */
export function assertMayRead(holder: Holder, collection: string): void {
  if (!mayRead(holder, collection))
    throw new NoAccessError(`${holder.userId} has no access to the collection ${collection}.`)
}
