/** Keys in whatever form they came: a key file, one under a passphrase, one sealed to this office, or typed text. */
import type { NoydbApi } from '@noy-db/hub'
import { readNoydbBundleManifest } from '../bundle/read.ts'
import { LobbyError } from '../errors.ts'
import { decodeKeyFile, keysFor } from './key-file.ts'
import { unsealKeys } from './key-sealed.ts'
import { KEY_FILE_BYTES, parseKeyJson } from './key-shape.ts'
import { decodeKeyText } from './key-text.ts'
import { unwrapKeys } from './key-wrapped.ts'

export type KeyForm = 'file' | 'wrapped' | 'sealed' | 'text'

/** Tells only what it looks like; whether it is whole, reading it will say. */
export function keyFormOf(keys: Uint8Array | string): KeyForm {
  const json = parseKeyJson(keys)
  if (typeof json !== 'object' || json === null)
    return textOf(keys).trimStart().startsWith('{') ? 'file' : 'text'
  if (Object.hasOwn(json, 'noydbWrappedKeys')) return 'wrapped'
  return Object.hasOwn(json, 'noydbSealedKeys') ? 'sealed' : 'file'
}

export interface ReadKeysOptions {
  readonly container: Uint8Array
  /** For the form `wrapped`. */
  readonly passphrase?: string
  /** For the form `sealed`: the workspace it was sealed to. */
  readonly db?: NoydbApi
}

/** Keys by handle. @throws LobbyError `KEY_PASSPHRASE_MISSING`, and what the form throws */
export async function readKeys(
  keys: Uint8Array | string,
  { container, passphrase, db }: ReadKeysOptions,
): Promise<Record<string, Uint8Array>> {
  const form = keyFormOf(keys)
  if (form === 'text') {
    const handles = (await readNoydbBundleManifest(container)).map(({ handle }) => handle)
    return decodeKeyText(textOf(keys), handles)
  }
  if (form === 'file') return keysFor(decodeKeyFile(keys), container)
  if (form === 'sealed') {
    if (db === undefined)
      throw new LobbyError('KEY_FOR_OTHERS', 'Sealed keys are opened in the workspace they are for.')
    return keysFor(await unsealKeys(db, keys, container), container)
  }
  if (passphrase === undefined)
    throw new LobbyError('KEY_PASSPHRASE_MISSING', 'This key file needs its passphrase.')
  return keysFor(await unwrapKeys(keys, passphrase), container)
}

function textOf(keys: Uint8Array | string): string {
  if (typeof keys === 'string') return keys
  if (keys.length > KEY_FILE_BYTES * 2) throw new LobbyError('KEY_INVALID', 'This is too long for a key.')
  return Buffer.from(keys).toString('utf8')
}
