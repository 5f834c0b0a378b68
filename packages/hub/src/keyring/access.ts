/** What granting, revoking and rotating work with, and how their rows are written. They hold the vault's lock. */
import type { KeyObject } from 'node:crypto'
import type { AuditedRow } from '../audit/audit-log.ts'
import { PermissionDeniedError } from '../errors.ts'
import { generateULID } from '../ids.ts'
import { writeWithIntent } from '../transaction/intent.ts'
import { writeRows } from '../transaction/store-write.ts'
import type { TxOp } from '../types/store.ts'
import type { VaultCore } from '../vault/vault-core.ts'
import type { Keyring } from './keyring.ts'
import { readRoster, type Roster } from './roster.ts'
import { signerOf, type SealScope, type Signer } from './seal.ts'
import { readSharedKeys, type SharedKey, type SharedKeyPlace } from './shared-keys.ts'

export interface Access {
  /** With the caller's keyring as it is stored now. */
  readonly core: VaultCore
  readonly keys: Keyring
}

/** An owner or admin, with everything that takes. */
export interface Manager extends Access {
  readonly vaultKey: KeyObject
  readonly signer: Signer
  readonly scope: SealScope
  readonly roster: Roster
  readonly ts: string
}

/** @throws PermissionDeniedError for the other roles, TamperedError */
export async function manager({ core, keys }: Access): Promise<Manager> {
  const { authority, vaultKey, seeds, vaultUlid } = keys.unlocked
  const signer = signerOf(seeds)
  const manages = keys.role === 'owner' || keys.role === 'admin'
  if (!manages || signer === null || vaultKey === null || authority === null)
    throw new PermissionDeniedError(`The role ${keys.role} gives and takes no access.`)
  const roster = await readRoster(core.store, core.name, keys.codec, vaultKey)
  return { core, keys, vaultKey, signer, scope: { vaultUlid, authority }, roster, ts: core.session.now() }
}

export function keyPlace({ core, keys, vaultKey, ts }: Manager): SharedKeyPlace {
  return { vault: core.name, codec: keys.codec, vaultKey, by: keys.userId, ts }
}

/** Every data key of the vault. */
export async function allKeys({ core, keys, vaultKey }: Manager): Promise<Map<string, SharedKey>> {
  const reader = { store: core.store, vault: core.name, codec: keys.codec, vaultKey }
  const shared = await readSharedKeys(reader)
  for (const [collection, key] of keys.unlocked.deks) {
    if (!shared.has(collection)) shared.set(collection, { key, version: 0 })
  }
  return shared
}

export interface AccessEntry {
  readonly command: string
  readonly reason: string
}

/** The audit entry of a change of access; nothing in a session without audit. */
export async function auditOps({ core, ts }: Manager, entry: AccessEntry): Promise<TxOp[]> {
  return core.session.audit ? entryOps(core, ts, entry, []) : []
}

export function entryOps(
  core: VaultCore,
  time: string,
  entry: AccessEntry,
  rows: readonly AuditedRow[],
): Promise<TxOp[]> {
  return core.audit.entryOps({ id: generateULID(), actor: core.keys.userId, time, ...entry }, rows, [])
}

/** All or nothing, with `tx` or without. */
export async function writeTogether(core: VaultCore, ops: readonly TxOp[]): Promise<void> {
  if (core.store.tx !== undefined) return writeRows(core.store, [...core.keys.fence, ...ops])
  await writeWithIntent([{ core, ops }], generateULID(), core.session.now())
}
