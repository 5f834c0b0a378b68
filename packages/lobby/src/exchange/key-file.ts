/**
 * The key file that travels apart from the bundle: one key per compartment, tied to the container by its hash.
 * `checksum` is the SHA-256 of the canonical JSON of everything else, so that a typing error is told from a wrong key.
 */
import { z } from 'zod'
import { limits } from '@noy-db/hub'
import { hashJson, sha256 } from '../canonical-json.ts'
import { LobbyError } from '../errors.ts'
import { Name, parseKeyJson, Sha256 } from './key-shape.ts'

const KEY_BYTES = 32
const KEY_CHARS = 44

export interface KeyFile {
  readonly noydbKeys: 1
  readonly exchangeId: string
  readonly containerSha256: string
  readonly keys: readonly { readonly handle: string; readonly name?: string; readonly key: string }[]
  readonly checksum: string
}

const KeyFileShape = z.strictObject({
  noydbKeys: z.literal(1),
  exchangeId: Name,
  containerSha256: Sha256,
  keys: z
    .array(z.strictObject({ handle: Name, name: Name.optional(), key: z.base64().length(KEY_CHARS) }))
    .max(limits.compartments),
  checksum: Sha256,
})

export interface KeyFileInput {
  readonly exchangeId: string
  readonly container: Uint8Array
  readonly keys: Readonly<Record<string, Uint8Array>>
  /** Vault names by handle, shown to the receiver. */
  readonly names?: Readonly<Record<string, string>>
}

export function encodeKeyFile({ exchangeId, container, keys, names = {} }: KeyFileInput): string {
  const content = {
    noydbKeys: 1 as const,
    exchangeId,
    containerSha256: sha256(container),
    keys: Object.entries(keys).map(([handle, key]) => ({
      handle,
      ...(Object.hasOwn(names, handle) && { name: names[handle] }),
      key: Buffer.from(assertKey(key)).toString('base64'),
    })),
  }
  return `${JSON.stringify({ ...content, checksum: hashJson(content) }, null, 2)}\n`
}

/** @throws LobbyError `KEY_INVALID` for anything that is not a whole, unaltered key file. */
export function decodeKeyFile(file: Uint8Array | string): KeyFile {
  const parsed = KeyFileShape.safeParse(parseKeyJson(file))
  if (!parsed.success) throw new LobbyError('KEY_INVALID', 'This is not a key file, or not all of it.')
  const { checksum, ...content } = parsed.data
  if (hashJson(content) !== checksum)
    throw new LobbyError('KEY_INVALID', 'The key file was changed or mistyped.')
  // zod's optional members may be undefined to the compiler; the checksum above covers them as they came.
  return parsed.data as KeyFile
}

/** The keys by handle. @throws LobbyError `KEY_OF_OTHER_BUNDLE` when the file belongs to another container. */
export function keysFor(keyFile: KeyFile, container: Uint8Array): Record<string, Uint8Array> {
  if (keyFile.containerSha256 !== sha256(container)) {
    throw new LobbyError('KEY_OF_OTHER_BUNDLE', 'These keys belong to another bundle.')
  }
  return Object.fromEntries(
    keyFile.keys.map(({ handle, key }) => [handle, assertKey(new Uint8Array(Buffer.from(key, 'base64')))]),
  )
}

/** @throws LobbyError `KEY_INVALID` unless it is 32 bytes. */
export function assertKey(key: Uint8Array): Uint8Array {
  if (key.length === KEY_BYTES) return key
  throw new LobbyError('KEY_INVALID', `A key has ${KEY_BYTES} bytes; this one has ${key.length}.`)
}
