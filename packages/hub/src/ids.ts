/** Identifiers, digests and dotted paths. */
import { createHash, randomFillSync } from 'node:crypto'
import { monotonicFactory } from 'ulid'

// `ulid` asks for each character by itself, and a random number costs a call to the system whatever its length.
const randomBlock = new Uint8Array(1024)
let randomUsed = randomBlock.length

/** From 0 up to but not 1: a byte is eight times one of the 32 characters. */
function nextRandom(): number {
  if (randomUsed === randomBlock.length) {
    randomFillSync(randomBlock)
    randomUsed = 0
  }
  const byte = randomBlock[randomUsed] ?? 0
  randomUsed += 1
  return byte / 256
}

const nextULID = monotonicFactory(nextRandom)

/** 26 characters of Crockford base32, time first; later calls sort after earlier ones within this process. */
export function generateULID(): string {
  return nextULID()
}

/** 64 lowercase hex characters. */
export function sha256Hex(bytes: Uint8Array): Promise<string> {
  return Promise.resolve(createHash('sha256').update(bytes).digest('hex'))
}

/** Reads `a.b.c` through own properties only: a field name never reaches a prototype. */
export function readPath(record: unknown, path: string): unknown {
  let value = record
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string, unknown>)[step] // an own property of an object, checked above
  }
  return value
}
