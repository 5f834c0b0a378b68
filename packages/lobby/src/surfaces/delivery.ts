/**
 * What travels under a signed agreement: a container of one compartment whose manifest has a `surface` member, which binds
 * agreement, version, both keys and the place in the sequence to the bytes. docs/surfaces.md has it member by member.
 */
import { z } from 'zod'
import { generateULID } from '@noy-db/hub/kernel'
import { limits } from '@noy-db/hub'
import { readNoydbBundleHeader } from '@noy-db/hub/bundle'
import { decodeMultiBundle, encodeMultiBundle, hasMultiBundleMagic } from '../bundle/container.ts'
import type { MultiBundleManifest } from '../bundle/types.ts'
import { canonicalJson, sha256 } from '../canonical-json.ts'
import { isSignedBy, signText } from '../identity/keys.ts'
import type { StoredIdentity } from '../identity/stored.ts'
import { Hash, Name, Party, Signature, Taken, type PartyKey } from './file-shapes.ts'
import { refusal } from './refusal.ts'

const DOMAIN = 'noydb-surface-delivery-1\n'

export interface DeliveryNote {
  readonly id: string
  readonly version: number
  /** SHA-256 of the canonical JSON of the terms in force. */
  readonly terms: string
  readonly from: Readonly<PartyKey>
  readonly to: Readonly<PartyKey>
  /** ULID, bound to the sealed body. */
  readonly exchangeId: string
  /** From 1, per sender and agreement. */
  readonly sequence: number
  /** Null: everything. Else the delivery whose receiver has what is left out here. */
  readonly base: number | null
  /** ISO-8601. */
  readonly createdAt: string
  /** What stands of the receiver's deliveries and bundles, the latest last; absent in files of earlier programs. */
  readonly taken?: readonly string[]
  /** Sealed ids of records that are gone, base64; absent where none are. */
  readonly gone?: string
  readonly signature: string
}

const NoteShape = z.strictObject({
  id: Name,
  version: z.int().min(1),
  terms: Hash,
  from: Party,
  to: Party,
  exchangeId: Name,
  sequence: z.int().min(1),
  base: z.int().min(1).nullable(),
  createdAt: z.iso.datetime(),
  taken: Taken,
  gone: z.base64().max(limits.manifestBytes).optional(),
  signature: Signature,
})

interface DeliveryManifest extends MultiBundleManifest {
  readonly surface: DeliveryNote
}

export interface Delivery {
  readonly note: DeliveryNote
  /** The extracted partition. */
  readonly inner: Uint8Array
  /** Of the whole container. */
  readonly sha256: string
}

export function encodeDelivery(
  inner: Uint8Array,
  note: Omit<DeliveryNote, 'signature'>,
  { privateKey }: StoredIdentity,
): Uint8Array {
  const manifest = {
    multiFormatVersion: 1 as const,
    handle: generateULID(),
    compartments: [
      {
        handle: readNoydbBundleHeader(inner).handle,
        exportedAt: note.createdAt,
        innerBytes: inner.length,
        innerSha256: sha256(inner),
      },
    ],
  }
  const signature = signText(signedText(manifest, note, inner), privateKey)
  const whole: DeliveryManifest = { ...manifest, surface: { ...note, signature } }
  return encodeMultiBundle(whole, [inner])
}

function signedText(
  manifest: MultiBundleManifest,
  surface: Omit<DeliveryNote, 'signature'>,
  inner: Uint8Array,
): string {
  return DOMAIN + canonicalJson({ manifest: { ...manifest, surface }, inner: [sha256(inner)] })
}

/** Whether it says of itself that it was made under an agreement. @throws BundleInvalidError for a damaged container */
export function isDelivery(bytes: Uint8Array): boolean {
  return hasMultiBundleMagic(bytes) && 'surface' in decodeMultiBundle(bytes).manifest
}

/** @throws BundleInvalidError, LobbyError SURFACE_DELIVERY_FOREIGN for what is no delivery, SURFACE_FILE_FORGED */
export function decodeDelivery(surfaceId: string, bytes: Uint8Array): Delivery {
  if (!hasMultiBundleMagic(bytes)) throw refusal('SURFACE_DELIVERY_FOREIGN', surfaceId, 'It is not signed.')
  const { manifest, inner: all } = decodeMultiBundle(bytes)
  const [inner] = all
  const parsed = NoteShape.safeParse('surface' in manifest ? manifest.surface : undefined)
  if (!parsed.success || inner === undefined || all.length !== 1)
    throw refusal('SURFACE_DELIVERY_FOREIGN', surfaceId, 'It is no delivery under an agreement.')
  // zod's optional members may be undefined to the compiler; the signature covers what came.
  const { surface, ...rest } = manifest as DeliveryManifest
  const { signature, ...note } = surface
  if (!isSignedBy(signedText(rest, note, inner), signature, note.from.publicKey))
    throw refusal('SURFACE_FILE_FORGED', surfaceId, note.from.party)
  return { note: surface, inner, sha256: sha256(bytes) }
}
