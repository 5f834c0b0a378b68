/**
 * A key file under a passphrase: Argon2id with the parameters in the file, then AES-256-GCM over the text of the plain key
 * file, bound to everything that stands outside. docs/bundle-format.md, section 6.3.
 */
import { z } from 'zod'
import { ValidationError, type KdfParameters } from '@noy-db/hub'
import {
  DEFAULT_KDF,
  deriveKey,
  newSaltRow,
  openBytes,
  parseSaltRow,
  sealBytes,
  type SaltRow,
} from '@noy-db/hub/sealing'
import { canonicalJson } from '../canonical-json.ts'
import { LobbyError } from '../errors.ts'
import { decodeKeyFile, encodeKeyFile, type KeyFile, type KeyFileInput } from './key-file.ts'
import { Name, parseKeyJson, SEALED_KEY_FILE_CHARS, Sha256 } from './key-shape.ts'

const DOMAIN = 'noydb wrapped keys 1\n'
const SHORTEST = 10
const LONGEST = 1024

const WrappedShape = z.strictObject({
  noydbWrappedKeys: z.literal(1),
  exchangeId: Name,
  containerSha256: Sha256,
  salt: z.base64().max(88),
  kdf: z.strictObject({ memoryKiB: z.int(), passes: z.int(), parallelism: z.int() }),
  sealed: z.base64().max(SEALED_KEY_FILE_CHARS),
})
type WrappedKeys = z.infer<typeof WrappedShape>

/** @throws ValidationError for a passphrase of less than 10 characters */
export async function wrapKeys(
  input: KeyFileInput,
  passphrase: string,
  options: { kdf?: KdfParameters } = {},
): Promise<string> {
  const typed = plainForm(passphrase)
  if (typed.length < SHORTEST || typed.length > LONGEST)
    throw new ValidationError(`A passphrase for keys has ${SHORTEST} to ${LONGEST} characters.`)
  const text = encodeKeyFile(input)
  const { exchangeId, containerSha256 } = decodeKeyFile(text)
  const row = newSaltRow(options.kdf ?? DEFAULT_KDF)
  const outside = { noydbWrappedKeys: 1 as const, exchangeId, containerSha256, ...row }
  const sealed = sealBytes(await deriveKey(typed, row), text, boundTo(outside)).toString('base64')
  return `${JSON.stringify({ ...outside, sealed }, null, 2)}\n`
}

/** Keyboards spell an accented letter in one character or in two. */
function plainForm(passphrase: string): string {
  return passphrase.normalize('NFC')
}

function boundTo(outside: Omit<WrappedKeys, 'sealed'>): Buffer {
  return Buffer.from(DOMAIN + canonicalJson(outside))
}

/** @throws LobbyError `KEY_INVALID`, also for a cost beyond the limits, and before it is paid; `KEY_PASSPHRASE_WRONG` */
export async function unwrapKeys(file: Uint8Array | string, passphrase: string): Promise<KeyFile> {
  const parsed = WrappedShape.safeParse(parseKeyJson(file))
  if (!parsed.success) throw new LobbyError('KEY_INVALID', 'This is not a key file, or not all of it.')
  const { sealed, ...outside } = parsed.data
  const row = cappedRow(outside)
  if (passphrase.length > LONGEST) throw wrongPassphrase()
  const key = await deriveKey(plainForm(passphrase), row)
  return openWith(() => openBytes(key, Buffer.from(sealed, 'base64'), boundTo(outside)))
}

function cappedRow(outside: Omit<WrappedKeys, 'sealed'>): SaltRow {
  try {
    return parseSaltRow(outside)
  } catch (cause) {
    throw new LobbyError('KEY_INVALID', 'The key file asks for more work than is accepted.', { cause })
  }
}

function openWith(open: () => Buffer): KeyFile {
  let text: Buffer
  try {
    text = open()
  } catch {
    throw wrongPassphrase() // or an altered file; nothing says which
  }
  return decodeKeyFile(text)
}

function wrongPassphrase(): LobbyError {
  return new LobbyError('KEY_PASSPHRASE_WRONG', 'This passphrase does not open the key file.')
}
