/**
 * Ids of records that are gone, sealed for whoever has the transfer key: an id is content. AES-256-GCM under
 * HKDF-SHA256(transfer key, salt = exchange id, info = `noydb-surface-gone-1`), the exchange id as associated data.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { limits } from '@noy-db/hub'
import { parseOutsideJson } from '../bundle/safe-json.ts'
import { canonicalJson } from '../canonical-json.ts'
import type { GoneIds } from './exchange-entry.ts'
import { surfaceLimits } from './limits.ts'
import { refusal } from './refusal.ts'

const CIPHER = 'aes-256-gcm'
const INFO = 'noydb-surface-gone-1'
const IV_BYTES = 12
const TAG_BYTES = 16

const Gone = z
  .record(z.string().min(1).max(limits.nameBytes), z.array(z.string().min(1).max(limits.idBytes)))
  .refine((value) => Object.keys(value).length <= surfaceLimits.surfaceCollections)

/** Base64 of IV, ciphertext and tag in one run. */
export function sealGone(gone: GoneIds, transferKey: Uint8Array, exchangeId: string): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, keyFor(transferKey, exchangeId), iv).setAAD(Buffer.from(exchangeId))
  const sealed = [iv, cipher.update(canonicalJson(gone), 'utf8'), cipher.final(), cipher.getAuthTag()]
  return Buffer.concat(sealed).toString('base64')
}

/** @throws LobbyError SURFACE_FILE_FORGED, BundleInvalidError */
export function openGone(
  surfaceId: string,
  text: string,
  transferKey: Uint8Array,
  exchangeId: string,
): GoneIds {
  const parsed = Gone.safeParse(
    parseOutsideJson(openText(surfaceId, text, transferKey, exchangeId), limits.manifestBytes, 'list of ids'),
  )
  if (!parsed.success) throw refusal('SURFACE_FILE_INVALID', surfaceId)
  return parsed.data
}

function openText(surfaceId: string, text: string, transferKey: Uint8Array, exchangeId: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length < IV_BYTES + TAG_BYTES) throw refusal('SURFACE_FILE_INVALID', surfaceId)
  const [iv, tag] = [bytes.subarray(0, IV_BYTES), bytes.subarray(-TAG_BYTES)]
  const opener = createDecipheriv(CIPHER, keyFor(transferKey, exchangeId), iv)
  opener.setAAD(Buffer.from(exchangeId)).setAuthTag(tag)
  try {
    return Buffer.concat([opener.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), opener.final()])
  } catch {
    throw refusal('SURFACE_FILE_FORGED', surfaceId, 'The list of ids does not open.')
  }
}

function keyFor(transferKey: Uint8Array, exchangeId: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', transferKey, exchangeId, INFO, 32))
}
