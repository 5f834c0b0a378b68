/**
 * Signatures over what a keyring file says in clear, and over the keys a rotation delivers. A vault has two
 * Ed25519 keys: its owners hold both seeds, its admins the admin's. Every member's canary, which only the
 * member's secret opens, names the two public keys (docs/adr/0030).
 */
import { createHash, type KeyObject } from 'node:crypto'
import { isSignedBy, publicKeyOf, signText } from '../crypto/curve25519.ts'
import type { Capability, Role } from '../types/access.ts'
import type { Authority, Delivery, KeyringFile, Seal } from './keyring-file.ts'

/** Base64 public keys. */
export type AuthorityKeys = Readonly<Record<Authority, string>>
export type SigningSeeds = Readonly<Partial<Record<Authority, KeyObject>>>

export interface Signer {
  readonly by: Authority
  readonly seed: KeyObject
}

/** What a signature is over, and what it stands for. */
export interface SealScope {
  readonly vaultUlid: string
  readonly authority: AuthorityKeys
}

export function authorityKeys(seeds: Required<SigningSeeds>): AuthorityKeys {
  return { owner: publicKeyOf('ed25519', seeds.owner), admin: publicKeyOf('ed25519', seeds.admin) }
}

/** The strongest a holder can sign with; null for whoever may grant nothing. */
export function signerOf({ owner, admin }: SigningSeeds): Signer | null {
  if (owner !== undefined) return { by: 'owner', seed: owner }
  return admin === undefined ? null : { by: 'admin', seed: admin }
}

export function sealFile(file: KeyringFile, vaultUlid: string, { by, seed }: Signer): KeyringFile {
  return { ...file, seal: { by, signature: signText(seed, claimsText(file, vaultUlid)) } }
}

/** Whether the vault's authority granted exactly what the file says, and made its delivery. */
export function isSealed(file: KeyringFile, scope: SealScope): boolean {
  const { seal, delivery, role } = file
  if (seal === undefined || (seal.by === 'admin' && needsOwner(role))) return false
  if (!isSignedAs(seal, claimsText(file, scope.vaultUlid), scope)) return false
  if (delivery === undefined) return true
  const isLater = delivery.generation > (file.generation ?? 1)
  return isLater && isSignedAs(delivery, deliveryText(file, delivery, scope.vaultUlid), scope)
}

export function signDelivery(
  file: KeyringFile,
  content: Pick<Delivery, 'generation' | 'box'>,
  vaultUlid: string,
  { by, seed }: Signer,
): Delivery {
  return { ...content, by, signature: signText(seed, deliveryText(file, content, vaultUlid)) }
}

/** Roles that only an owner gives and takes. */
export function needsOwner(role: Role): boolean {
  return role === 'owner' || role === 'custodian'
}

/** The associated data of a delivery's box. */
export function deliveryContext(vaultUlid: string, userId: string, generation: number): string {
  return JSON.stringify(['noydb key delivery v1', vaultUlid, userId, generation])
}

function isSignedAs({ by, signature }: Seal, text: string, { authority }: SealScope): boolean {
  return isSignedBy(authority[by], text, signature)
}

function claimsText(file: KeyringFile, vaultUlid: string): string {
  const { memoryKiB, passes, parallelism } = file.kdf
  return JSON.stringify([
    'noydb keyring claims v1',
    vaultUlid,
    file.user_id,
    file.display_name,
    file.role,
    Object.entries(file.permissions).sort(([left], [right]) => (left < right ? -1 : 1)),
    capabilityClaim(file.export_capability),
    capabilityClaim(file.import_capability),
    file.expires_at ?? null,
    file.created_at,
    file.granted_by,
    [file.salt, memoryKiB, passes, parallelism],
    file.generation ?? 1,
    file.box_key ?? null,
    file.latent === true,
  ])
}

function capabilityClaim(capability: Capability | undefined): unknown {
  return capability === undefined ? null : [capability.plaintext ?? null, capability.bundle ?? null]
}

function deliveryText(
  file: KeyringFile,
  { generation, box }: Pick<Delivery, 'generation' | 'box'>,
  vaultUlid: string,
): string {
  const digest = createHash('sha256').update(box).digest('hex')
  return JSON.stringify([deliveryContext(vaultUlid, file.user_id, generation), digest])
}
