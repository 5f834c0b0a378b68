/**
 * Transfer keys as typed text, in Crockford's base 32: fourteen groups of five for each key, the last character of a group
 * checking the other four and the place of the group. docs/bundle-format.md, section 6.2.
 */
import { ValidationError } from '@noy-db/hub'
import { sha256 } from '../canonical-json.ts'
import { LobbyError } from '../errors.ts'
import { assertKey } from './key-file.ts'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const GROUP_CHARS = 5
const GROUPS = 14
const KEY_BYTES = 32
/** Bytes that say which compartment a key is for. */
const TAG_BYTES = 3
/** Of a key of which a whole line was forgotten. */
const SHORTEST = (GROUPS / 2) * GROUP_CHARS
/** More are no longer typed, and their tags could be alike. */
const MOST_KEYS = 16

/** Groups that were mistyped, counted from 1 over the whole text. */
export class KeyMistypedError extends LobbyError {
  readonly groups: readonly number[]

  constructor(groups: readonly number[]) {
    super('KEY_MISTYPED', `Mistyped: group ${groups.join(', ')}.`)
    this.groups = groups
  }
}

/** Two lines of seven groups for each key, a blank line between keys. @throws ValidationError for more than 16 */
export function encodeKeyText(keys: Readonly<Record<string, Uint8Array>>): string {
  const all = Object.entries(keys)
  if (all.length === 0 || all.length > MOST_KEYS)
    throw new ValidationError(`1 to ${MOST_KEYS} keys can be written as text; send a key file instead.`)
  return all.map(([handle, key]) => encodeOne(handle, assertKey(key))).join('\n\n')
}

function encodeOne(handle: string, key: Uint8Array): string {
  const digits = toDigits(Buffer.concat([key, tagOf(handle)]))
  const groups = Array.from({ length: GROUPS }, (_, at) => {
    const data = digits.slice(at * (GROUP_CHARS - 1), (at + 1) * (GROUP_CHARS - 1))
    return [...data, checkOf(data, at)].map((digit) => ALPHABET[digit]).join('')
  })
  return `${groups.slice(0, GROUPS / 2).join(' ')}\n${groups.slice(GROUPS / 2).join(' ')}`
}

function tagOf(handle: string): Buffer {
  return Buffer.from(sha256(`noydb key text 1\n${handle}`), 'hex').subarray(0, TAG_BYTES)
}

/**
 * Keys by handle. Case, spaces and hyphens do not matter; O is 0, I and L are 1.
 * @throws KeyMistypedError, LobbyError `KEY_INVALID` for nothing or too much, `KEY_OF_OTHER_BUNDLE`
 */
export function decodeKeyText(text: string, handles: readonly string[]): Record<string, Uint8Array> {
  const groups = splitGroups(text)
  const wrong = groups.flatMap((group, at) => (isRight(group, at % GROUPS) ? [] : [at + 1]))
  if (wrong.length > 0) throw new KeyMistypedError(wrong)
  const keys: [string, Uint8Array][] = []
  for (let at = 0; at < groups.length; at += GROUPS) {
    const bytes = toBytes(groups.slice(at, at + GROUPS).flatMap((group) => group.slice(0, -1)))
    const tag = bytes.subarray(KEY_BYTES)
    const handle = handles.find((one) => tagOf(one).equals(tag))
    if (handle === undefined) throw new LobbyError('KEY_OF_OTHER_BUNDLE', 'This key is of another bundle.')
    keys.push([handle, new Uint8Array(bytes.subarray(0, KEY_BYTES))])
  }
  return Object.fromEntries(keys)
}

/** As the person grouped them, else by counting; where a character is missing or too many, up to that place. */
function splitGroups(text: string): number[][] {
  if (text.length > MOST_KEYS * GROUPS * GROUP_CHARS * 4)
    throw new LobbyError('KEY_INVALID', 'This is too long for a key.')
  const typed = text.toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  const spaced = typed.split(/[\s-]+/).filter((group) => group !== '')
  const joined = spaced.join('')
  if (!looksLikeKey(joined)) throw new LobbyError('KEY_INVALID', 'This is no key.')
  const isSpaced = spaced.length % GROUPS === 0
  const groups = (isSpaced ? spaced : (joined.match(/.{1,5}/g) ?? [])).map((group) =>
    Array.from(group, (letter) => ALPHABET.indexOf(letter)),
  )
  if (groups.length > MOST_KEYS * GROUPS)
    throw new LobbyError('KEY_INVALID', 'These are too many groups for a key.')
  if (isSpaced || joined.length % (GROUPS * GROUP_CHARS) === 0) return groups
  // Everything behind the first slip is out of step, and says nothing about itself.
  const slip = groups.findIndex((group, at) => !isRight(group, at % GROUPS))
  throw new KeyMistypedError([slip === -1 ? groups.length + 1 : slip + 1])
}

/** A letter is no key with many slips; one with a few is not to be called a letter. */
function looksLikeKey(joined: string): boolean {
  const strange = Array.from(joined).filter((letter) => !ALPHABET.includes(letter)).length
  return joined.length >= SHORTEST && strange <= joined.length / 10
}

function isRight(group: readonly number[], at: number): boolean {
  const data = group.slice(0, -1)
  return group.length === GROUP_CHARS && !group.includes(-1) && group.at(-1) === checkOf(data, at)
}

/**
 * A sum over the field of 32 elements with weights that differ: one wrong character, two that changed places, and a group
 * that changed places with another always show.
 */
function checkOf(data: readonly number[], at: number): number {
  return data.reduceRight((sum, digit) => timesX(sum ^ digit), 0) ^ (at + 1)
}

/** Times x, modulo x^5 + x^2 + 1. */
function timesX(value: number): number {
  return (value << 1) ^ ((value & 16) === 0 ? 0 : 0b100101)
}

function toDigits(bytes: Uint8Array): number[] {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{5}/g) ?? []).map((five) => Number.parseInt(five, 2))
}

function toBytes(digits: readonly number[]): Buffer {
  const bits = digits.map((digit) => digit.toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)))
}
