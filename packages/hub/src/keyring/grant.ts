/** Giving a user a keyring in a vault. */
import type { KeyObject } from 'node:crypto'
import { ensureSalt } from './salts.ts'
import { DecryptionError, PrivilegeEscalationError } from '../errors.ts'
import type { TxOp } from '../types/store.ts'
import { allKeys, auditOps, keyPlace, manager, writeTogether, type Access, type Manager } from './access.ts'
import { keyringEnvelope, KEYRING, type KeyringFile } from './keyring-file.ts'
import { assertHolds, assertManages, assertStaysOwner, expiryOf } from './manage-rules.ts'
import { newKeyringFile, type Claims, type Secret } from './new-file.ts'
import type { CheckedGrant } from './parse-grant.ts'
import { readsEverything } from './roles.ts'
import { memberOf, rosterOp } from './roster.ts'
import { readTarget, type Target } from './target.ts'

/** @throws PermissionDeniedError, PrivilegeEscalationError, ConflictError when the target changed meanwhile */
export async function grant(access: Access, options: CheckedGrant): Promise<void> {
  const granter = await manager(access)
  assertManages(granter.keys.role, options.role)
  const target = await readTarget(granter, options.userId)
  if (target.role !== null) assertManages(granter.keys.role, target.role)
  if (target.role !== null) assertStaysOwner(target.role, options.role)
  assertHolds(granter.keys.file, options)
  const { deks, ops: minted } = await keysToGive(granter, options)
  const file = await grantedFile(granter, options, deks)
  await writeTogether(granter.core, [
    ...minted.filter((op) => op.collection !== KEYRING || op.id !== options.userId),
    ...memberOps(granter, target, file),
    ...(await auditOps(granter, {
      command: 'access.grant',
      reason: `${options.userId} as ${options.role}`,
    })),
  ])
}

/** The file and its line on the roster. */
export function memberOps(granter: Manager, target: Target, file: KeyringFile): TxOp[] {
  const { core, roster, ts } = granter
  const { userId, version } = target
  const envelope = keyringEnvelope(file, version + 1, ts)
  const members = new Map(roster.members).set(userId, memberOf(file, roster.members.get(userId)))
  return [
    { vault: core.name, collection: KEYRING, id: userId, op: 'put', envelope, expectedVersion: version },
    rosterOp(keyPlace(granter), members, roster.version),
  ]
}

interface KeysToGive {
  readonly deks: ReadonlyMap<string, KeyObject>
  /** Of keys minted on the way. */
  readonly ops: readonly TxOp[]
}

/**
 * Everything, or what is listed and the reserved collections' keys: no row under one of those carries a record
 * (decisions.md 9). A listed collection that nobody has written to yet gets its key now.
 */
async function keysToGive(granter: Manager, { role, permissions }: CheckedGrant): Promise<KeysToGive> {
  const known = await allKeys(granter)
  const listed = Object.keys(permissions)
  const ops = readsEverything(role) ? [] : await mintListed(granter, listed)
  const deks = new Map<string, KeyObject>()
  for (const [collection, { key }] of known) {
    if (readsEverything(role) || collection.startsWith('_')) deks.set(collection, key)
  }
  for (const collection of listed) {
    const key = granter.keys.held(collection)
    if (key === undefined || key === null) throw new PrivilegeEscalationError(collection)
    deks.set(collection, key)
  }
  return { deks, ops }
}

async function mintListed({ core, keys }: Manager, listed: readonly string[]): Promise<readonly TxOp[]> {
  const [first = ''] = listed
  try {
    if (core.store.tx !== undefined) return (await keys.stage(listed)).ops
    await keys.ensure(listed)
    return []
  } catch (error) {
    if (!(error instanceof DecryptionError)) throw error
    // Rows without a key: it is lost, and a new one would not open them.
    throw Object.assign(new PrivilegeEscalationError(first, error.message), { cause: error })
  }
}

async function grantedFile(
  granter: Manager,
  options: CheckedGrant,
  deks: ReadonlyMap<string, KeyObject>,
): Promise<KeyringFile> {
  const { keys, signer, scope, vaultKey } = granter
  const { seeds, generation } = keys.unlocked
  const given = {
    ...scope,
    generation,
    deks,
    vaultKey: readsEverything(options.role) ? vaultKey : null,
    seeds: seedsFor(options, seeds),
  }
  return newKeyringFile(await secretOf(granter, options), claimsOf(granter, options), given, signer)
}

function seedsFor({ role }: CheckedGrant, seeds: { owner?: KeyObject; admin?: KeyObject }) {
  if (role === 'owner') return seeds
  return role === 'admin' && seeds.admin !== undefined ? { admin: seeds.admin } : {}
}

/** The user's salt in this store, so that one derivation opens every vault of theirs (decisions.md 7). */
async function secretOf({ core, ts }: Manager, { userId, passphrase }: CheckedGrant): Promise<Secret> {
  const { session } = core
  const salt = await ensureSalt(core.store, userId, session.kdf, ts)
  return { userId, salt, master: await session.masterOf(passphrase, salt) }
}

function claimsOf({ keys, ts }: Manager, options: CheckedGrant): Claims {
  const expires = expiryOf(keys.file, options)
  return {
    display_name: options.displayName,
    role: options.role,
    permissions: options.permissions,
    created_at: ts,
    granted_by: keys.userId,
    ...(options.exportCapability !== undefined && { export_capability: options.exportCapability }),
    ...(options.importCapability !== undefined && { import_capability: options.importCapability }),
    ...(expires !== undefined && { expires_at: expires }),
  }
}
