/** The header of a container: read strictly, since it is believed before anything else is checked. */
import { limits } from '../limits.ts'
import type { NoydbBundleHeader, PublicEnvelope } from '../types/bundle.ts'
import {
  own,
  readMatch,
  readObject,
  readOneOf,
  readOptionalText,
  readText,
  readWhole,
  refuseOtherMembers,
} from './fields.ts'
import { isJsonObject, parseUntrustedObject, type JsonObject } from './untrusted-json.ts'

const MAX_DEPTH = 8
const NAME_CHARS = 512
const TEXT_CHARS = 8 * 1024
const ICON_CHARS = 48 * 1024
const ULID = /^[0-9A-HJKMNP-TV-Z]{26}$/
const SHA256 = /^[0-9a-f]{64}$/

const HEADER_MEMBERS = [
  'formatVersion',
  'handle',
  'bodyBytes',
  'bodySha256',
  'publicEnvelope',
  'autoUnlock',
  'bundleKind',
  'transferSeal',
]
const ENVELOPE_MEMBERS = [
  '_noydb_public',
  'version',
  'name',
  'description',
  'icon',
  'createdAt',
  'updatedAt',
  'defaultLocale',
]

/** @throws BundleIntegrityError */
export function parseHeader(text: string): NoydbBundleHeader {
  const header = parseUntrustedObject(text, 'The header', MAX_DEPTH)
  refuseOtherMembers(header, HEADER_MEMBERS, 'The header')
  return {
    formatVersion: readOneOf(header, 'formatVersion', [1]),
    handle: readMatch(header, 'handle', ULID),
    bodyBytes: readWhole(header, 'bodyBytes', 0, limits.bundleBodyBytes),
    bodySha256: readMatch(header, 'bodySha256', SHA256),
    ...optional(header, 'publicEnvelope', () => parsePublicEnvelope(readObject(header, 'publicEnvelope'))),
    ...optional(header, 'autoUnlock', () => readOneOf(header, 'autoUnlock', ['unsealed', 'sealed'])),
    ...optional(header, 'bundleKind', () =>
      readOneOf(header, 'bundleKind', ['snapshot', 'extracted-partition']),
    ),
    ...optional(header, 'transferSeal', () => parseTransferSeal(readObject(header, 'transferSeal'))),
  }
}

export type TransferSeal = NonNullable<NoydbBundleHeader['transferSeal']>

function parseTransferSeal(seal: JsonObject): TransferSeal {
  refuseOtherMembers(seal, ['v', 'alg', 'sealId'], 'The transfer seal')
  return readSealIndicator(seal)
}

/** The three members a header and the body of an extracted partition both state. */
export function readSealIndicator(seal: JsonObject): TransferSeal {
  return {
    v: readOneOf(seal, 'v', [1]),
    alg: readOneOf(seal, 'alg', ['aes-256-gcm-pre-shared']),
    sealId: readText(seal, 'sealId', NAME_CHARS),
  }
}

/** @throws BundleIntegrityError */
export function parsePublicEnvelope(envelope: JsonObject): PublicEnvelope {
  refuseOtherMembers(envelope, ENVELOPE_MEMBERS, 'The public envelope')
  return {
    _noydb_public: readOneOf(envelope, '_noydb_public', [1]),
    version: readWhole(envelope, 'version', 0),
    ...optional(envelope, 'name', () => readLocalised(envelope, 'name')),
    ...optional(envelope, 'description', () => readLocalised(envelope, 'description')),
    ...optionalText(envelope, 'icon', ICON_CHARS),
    ...optionalText(envelope, 'createdAt', NAME_CHARS),
    ...optionalText(envelope, 'updatedAt', NAME_CHARS),
    ...optionalText(envelope, 'defaultLocale', NAME_CHARS),
  }
}

/** One text, or a text per locale. */
function readLocalised(object: JsonObject, name: string): string | Record<string, string> {
  const value = own(object, name)
  if (!isJsonObject(value)) return readText(object, name, TEXT_CHARS)
  return Object.fromEntries(Object.keys(value).map((locale) => [locale, readText(value, locale, TEXT_CHARS)]))
}

function optionalText<K extends string>(
  object: JsonObject,
  name: K,
  maxLength: number,
): { [P in K]?: string } {
  const text = readOptionalText(object, name, maxLength)
  return (text === undefined ? {} : { [name]: text }) as { [P in K]?: string } // a computed name widens to string
}

/** `{ [name]: value }` when the member is there; a member of `undefined` is none. */
function optional<K extends string, V>(object: JsonObject, name: K, read: () => V): { [P in K]?: V } {
  return (Object.hasOwn(object, name) ? { [name]: read() } : {}) as { [P in K]?: V } // as in optionalText
}
