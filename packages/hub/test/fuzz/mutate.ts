/** Damage: to runs of bytes at places that matter, and to JSON values and texts. */
import type { Random } from './random.ts'

const NUMBERS = [
  0,
  -1,
  1,
  0.5,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -0,
  1e308,
  255,
  65_535,
  65_536,
  268_435_457,
] as const
const LENGTHS = [0, 1, 9, 0x7fffffff, 0x80000000, 0xffffffff, 0xffff, 65_537] as const
const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  '',
  'id',
  'sealId',
  'dump',
  '_data',
  'x'.repeat(600),
] as const
const TEXTS = [
  '',
  '\u0000',
  '\ud800',
  '=',
  'A'.repeat(70_000),
  '__proto__',
  '1',
  '../..',
  '🧾'.repeat(200),
] as const

/** `boundaries` are offsets at which one part of the format ends and the next begins. */
export function mutateBytes(random: Random, bytes: Uint8Array, boundaries: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const place = near(random, boundaries, copy.length)
  switch (random.int(8)) {
    case 0:
      return copy.subarray(0, place)
    case 1:
      return writeLength(random, copy, place)
    case 2:
      return insert(copy, place, randomBytes(random, random.int(40)))
    case 3:
      return cut(copy, place, random.int(40))
    case 4:
      return insert(copy, place, copy.subarray(place, place + random.int(2000))) // repeated
    case 5:
      return move(random, copy, boundaries)
    default:
      for (let count = 1 + random.int(4); count > 0; count -= 1)
        flip(random, copy, near(random, boundaries, copy.length))
      return copy
  }
}

function near(random: Random, boundaries: readonly number[], length: number): number {
  const boundary = boundaries[random.int(boundaries.length)]
  if (boundary === undefined || random.chance(0.4)) return random.int(length)
  return Math.min(length, Math.max(0, boundary + random.int(9) - 4))
}

function flip(random: Random, bytes: Uint8Array, at: number): void {
  if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(8))
}

function writeLength(random: Random, bytes: Uint8Array, at: number): Uint8Array {
  if (at + 4 > bytes.length) return bytes
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const value = random.chance(0.5) ? view.getUint32(at) + random.int(5) - 2 : random.pick(LENGTHS)
  view.setUint32(at, value >>> 0)
  return bytes
}

function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.int(256))
}

function insert(bytes: Uint8Array, at: number, more: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]))
}

function cut(bytes: Uint8Array, at: number, length: number): Uint8Array {
  return new Uint8Array(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]))
}

/** The part between two boundaries goes to another one. */
function move(random: Random, bytes: Uint8Array, boundaries: readonly number[]): Uint8Array {
  const [from = 0, to = 0] = [
    near(random, boundaries, bytes.length),
    near(random, boundaries, bytes.length),
  ].sort((left, right) => left - right)
  const part = bytes.slice(from, to)
  const rest = cut(bytes, from, to - from)
  return insert(rest, near(random, boundaries, rest.length), part)
}

/** One change somewhere in a JSON value; the value given stays as it is. */
export function mutateJson(random: Random, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || random.chance(0.1)) return junk(random)
  const isList = Array.isArray(value)
  const members: Array<[string, unknown]> = Object.entries(value)
  const at = random.int(members.length)
  const member = members[at]
  if (member === undefined) return isList ? [junk(random)] : { [random.pick(NAMES)]: junk(random) }
  const kind = random.int(10)
  if (kind === 0) members.splice(at, 1)
  else if (kind === 1) members.push([random.pick(NAMES), random.chance(0.5) ? member[1] : junk(random)])
  else if (kind === 2) members[at] = [random.pick(NAMES), member[1]]
  else if (kind === 3) members.splice(at, 0, member)
  else if (kind === 4) members[at] = [member[0], junk(random)]
  else members[at] = [member[0], mutateJson(random, member[1])]
  return isList ? members.map(([, one]) => one) : Object.fromEntries(members)
}

function junk(random: Random): unknown {
  switch (random.int(8)) {
    case 0:
      return null
    case 1:
      return random.chance(0.5)
    case 2:
      return random.pick(NUMBERS)
    case 3:
      return nested(random)
    case 4:
      return {}
    case 5:
      return Array.from({ length: random.int(2000) }, () => 0)
    default:
      return random.pick(TEXTS)
  }
}

function nested(random: Random): unknown {
  let value: unknown = 1
  for (let depth = 1 + random.int(100); depth > 0; depth -= 1)
    value = random.chance(0.5) ? [value] : { a: value }
  return value
}

/** JSON as text, mostly right: now and then with a wrong character, a repeated member, or far too deep. */
export function mutateText(random: Random, text: string): string {
  const at = random.int(text.length)
  switch (random.int(7)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return (
        text.slice(0, at) +
        random.pick(['"', '{', '}', '[', ']', ',', ':', '\\', '\u0000', '\ud800', '\n']) +
        text.slice(at)
      )
    case 2:
      return text.slice(0, at) + text.slice(at + 1 + random.int(5))
    case 3:
      return text.replace('{', `{"__proto__":${random.int(9)},`)
    case 4:
      return text.replace('{', `{"a":${'['.repeat(1 + random.int(50_000))}`)
    case 5:
      return text.replaceAll('e', '\\u0065')
    default:
      return ` \n${text}\t`
  }
}
