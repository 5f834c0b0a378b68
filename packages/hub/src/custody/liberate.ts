/** Handing a vault over: a custodian freezes what there is and makes somebody its owner. */
import { checkId } from '../collection/check-name.ts'
import { newKey } from '../crypto/aead.ts'
import { PermissionDeniedError, ValidationError } from '../errors.ts'
import { generateULID } from '../ids.ts'
import { allKeys, auditOps, writeTogether, type Access, type Manager } from '../keyring/access.ts'
import { memberOps } from '../keyring/grant.ts'
import type { KeyringFile } from '../keyring/keyring-file.ts'
import { newKeyringFile } from '../keyring/new-file.ts'
import { ownerClaims } from '../keyring/provision.ts'
import { readRoster } from '../keyring/roster.ts'
import { FROZEN } from '../keyring/row-place.ts'
import { ensureSalt } from '../keyring/salts.ts'
import { authorityKeys, type SigningSeeds } from '../keyring/seal.ts'
import { readTarget } from '../keyring/target.ts'
import { withAccess } from '../noydb/access.ts'
import { writeRows } from '../transaction/store-write.ts'
import type { LiberateOptions, LiberateResult } from '../types/custody.ts'
import type { TxOp, TxWriteOp } from '../types/store.ts'
import type { VaultApi } from '../types/vault.ts'
import { coreOf } from '../vault/core-of.ts'
import { deedOp, readDeed } from './deed-marker.ts'
import { freeze } from './freeze.ts'

/**
 * The new owner reads and writes everything, and gives and takes access by keys of their own: members of before
 * keep what they hold until the new owner's first rotation, and then have to be granted access again. The owner
 * by deed is left alone. `factors` is accepted and not used.
 * @throws PermissionDeniedError unless the caller is a custodian, ValidationError when the new owner has a keyring
 */
export async function liberateVault(vault: VaultApi, opts: LiberateOptions): Promise<LiberateResult> {
  const { name, session } = coreOf(vault)
  checkOptions(opts)
  return withAccess(session, name, (access) => liberate(access, opts))
}

function checkOptions({ newOwnerId, newOwnerPassphrase, legalBasis }: LiberateOptions): void {
  checkId(newOwnerId)
  for (const [what, text] of Object.entries({ newOwnerPassphrase, legalBasis }))
    if (typeof text !== 'string' || text === '') throw new ValidationError(`${what} is a text, not empty.`)
}

async function liberate(access: Access, opts: LiberateOptions): Promise<LiberateResult> {
  const { core } = access
  const successor = await newAuthority(access)
  const target = await readTarget(successor, opts.newOwnerId)
  if (target.version > 0) throw new ValidationError(`${opts.newOwnerId} has a keyring in this vault already.`)
  const withdrawalId = generateULID()
  const { ops: copies, sha256 } = await freeze(core.store, core.name, withdrawalId)
  const snapshot = { withdrawalId, sha256, recordCount: copies.length, frozenAt: successor.ts }
  // Without `tx` the copies go first, by themselves: until the rest is decided they mean nothing.
  if (core.store.tx === undefined) await writeRows(core.store, copies)
  await writeTogether(core, [
    ...(core.store.tx === undefined ? [] : copies),
    manifestOp(successor, snapshot, opts),
    ...memberOps(successor, target, await ownerFile(successor, opts)),
    ...(await stampOps(successor)),
    ...(await auditOps(successor, { command: 'custody.liberate', reason: opts.legalBasis })),
  ])
  return { snapshot }
}

interface Successor extends Manager {
  readonly seeds: Required<SigningSeeds>
}

/** A custodian holds the keys of the data, not those that sign grants; the new owner gets new ones. */
async function newAuthority({ core, keys }: Access): Promise<Successor> {
  const { vaultKey, vaultUlid } = keys.unlocked
  if (keys.role !== 'custodian' || vaultKey === null)
    throw new PermissionDeniedError('A vault is handed over by its custodian.')
  const seeds = { owner: newKey(), admin: newKey() }
  return {
    core,
    keys,
    vaultKey,
    seeds,
    signer: { by: 'owner', seed: seeds.owner },
    scope: { vaultUlid, authority: authorityKeys(seeds) },
    roster: await readRoster(core.store, core.name, keys.codec, vaultKey),
    ts: core.session.now(),
  }
}

async function ownerFile(successor: Successor, opts: LiberateOptions): Promise<KeyringFile> {
  const { core, keys, scope, vaultKey, seeds, signer, ts } = successor
  const salt = await ensureSalt(core.store, opts.newOwnerId, core.session.kdf, ts)
  const master = await core.session.masterOf(opts.newOwnerPassphrase, salt)
  const deks = new Map([...(await allKeys(successor))].map(([name, { key }]) => [name, key]))
  const claims = { ...ownerClaims(opts.newOwnerId, ts), granted_by: keys.userId }
  const given = { ...scope, generation: keys.generation, deks, vaultKey, seeds }
  return newKeyringFile({ userId: opts.newOwnerId, master, salt }, claims, given, signer)
}

/** What was frozen, for whom and why; under the vault key, as the copies say nothing of it. */
function manifestOp(
  { core, keys, vaultKey, ts }: Successor,
  snapshot: LiberateResult['snapshot'],
  { newOwnerId, legalBasis }: LiberateOptions,
): TxWriteOp {
  const address = { collection: FROZEN, id: snapshot.withdrawalId }
  const text = JSON.stringify({ ...snapshot, generation: keys.generation, newOwnerId, legalBasis })
  const envelope = keys.codec.seal(vaultKey, address, { version: 1, ts, by: keys.userId }, text)
  return { vault: core.name, ...address, op: 'put', envelope }
}

async function stampOps({ core, ts }: Successor): Promise<TxOp[]> {
  const deed = await readDeed(core.store, core.name)
  if (deed === null) return []
  return [deedOp(core.name, { ...deed.marker, liberatedAt: ts }, ts, deed.version)]
}
