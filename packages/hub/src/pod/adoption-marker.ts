/**
 * `_meta/adoption`: what became of a partition that was taken over as a vault. Until it has an owner, its data
 * keys lie here, sealed under the transfer key and bound to the vault's ULID.
 */
import { importKey, KEY_BYTES, openBytes, sealBytes } from '../crypto/aead.ts'
import type { KeyObject } from 'node:crypto'
import { AdoptionStateError, TransferSealError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { EncryptedEnvelope, NoydbStore, TxOp } from '../types/store.ts'
import { own, readMatch, readOneOf, readText } from './fields.ts'
import { NAME_CHARS } from './row-rules.ts'
import { parseUntrustedObject, type JsonObject } from './untrusted-json.ts'

const META = '_meta'
const ADOPTION = 'adoption'
const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/
const STATES = ['writing', 'ready', 'consumed'] as const
const MAX_KEYS_CHARS = Math.ceil(limits.partitionDirectoryBytes * (4 / 3))

/** `writing`: rows may be missing, the same call finishes them. `ready`: waits for its owner. `consumed`: has one. */
export type AdoptionState = (typeof STATES)[number]

export interface AdoptionMarker {
  readonly sealId: string
  readonly state: AdoptionState
  readonly vaultUlid: string
  /** ISO-8601. */
  readonly adoptedAt: string
  /** Base64 of sealed bytes; gone once consumed. */
  readonly sealedKeys: string | null
}

export interface StoredMarker extends AdoptionMarker {
  readonly version: number
}

/** @throws AdoptionStateError for a row that is no marker */
export async function readAdoption(store: NoydbStore, vault: string): Promise<StoredMarker | null> {
  const row = await store.get(vault, META, ADOPTION)
  if (row === null) return null
  try {
    return { ...parseMarker(parseUntrustedObject(row._data, 'The adoption marker', 2)), version: row._v }
  } catch (cause) {
    throw Object.assign(new AdoptionStateError(`The adoption marker of ${vault} cannot be read.`), { cause })
  }
}

function parseMarker(value: JsonObject): AdoptionMarker {
  return {
    sealId: readText(value, 'sealId', NAME_CHARS),
    state: readOneOf(value, 'state', STATES),
    vaultUlid: readMatch(value, 'vaultUlid', ULID),
    adoptedAt: readText(value, 'adoptedAt', NAME_CHARS),
    sealedKeys: own(value, 'sealedKeys') === null ? null : readText(value, 'sealedKeys', MAX_KEYS_CHARS),
  }
}

/** `replaces` is the version of the row that is there; 0 = none may be. */
export function adoptionOp(vault: string, marker: AdoptionMarker, ts: string, replaces: number): TxOp {
  const { sealId, state, vaultUlid, adoptedAt, sealedKeys } = marker
  const _data = JSON.stringify({ sealId, state, vaultUlid, adoptedAt, sealedKeys })
  const envelope: EncryptedEnvelope = { _noydb: 1, _v: replaces + 1, _ts: ts, _iv: '', _data }
  return { vault, collection: META, id: ADOPTION, op: 'put', envelope, expectedVersion: replaces }
}

type Place = Pick<AdoptionMarker, 'vaultUlid' | 'sealId'>

/** The same map as the seal of body format 1: collection -> base64. */
export function sealKeys(transferKey: KeyObject, place: Place, keys: ReadonlyMap<string, KeyObject>): string {
  const raw = [...keys].map(([collection, key]) => [collection, key.export().toString('base64')] as const)
  return sealBytes(transferKey, JSON.stringify(Object.fromEntries(raw)), binding(place)).toString('base64')
}

/** @throws TransferSealError */
export function openKeys(
  transferKey: KeyObject,
  place: Place,
  sealed: string,
): ReadonlyMap<string, KeyObject> {
  const members = openMembers(transferKey, place, sealed)
  return new Map(
    Object.entries(members).map(([collection, text]) => {
      const raw = Buffer.from(typeof text === 'string' ? text : '', 'base64')
      if (raw.length === KEY_BYTES) return [collection, importKey(raw)]
      throw new TransferSealError(`The adoption holds a broken key for "${collection}".`)
    }),
  )
}

function openMembers(transferKey: KeyObject, place: Place, sealed: string): JsonObject {
  try {
    const text = openBytes(transferKey, Buffer.from(sealed, 'base64'), binding(place)).toString('utf8')
    return parseUntrustedObject(text, 'The adoption', 1)
  } catch (cause) {
    throw Object.assign(new TransferSealError('The transfer key does not open this adoption.'), { cause })
  }
}

function binding({ vaultUlid, sealId }: Place): Buffer {
  return Buffer.from(JSON.stringify([vaultUlid, sealId, '/adoption']))
}
