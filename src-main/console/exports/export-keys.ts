/** The keys of a bundle in the form in which its recipient is to get them. */
import {
  encodeKeyFile,
  encodeKeyText,
  type KeyFileInput,
  knownRecipient,
  sealKeys,
  wrapKeys,
} from '@klum-db/lobby'
import type { KeyChoice } from '../../../src-shared/ipc/exports.ts'
import { typedKeys } from '../../../src-shared/model/keys.ts'
import { AppError } from '../app-error.ts'
import type { Open } from '../session.ts'

export interface KeyWriter {
  /** Of the file's name. */
  readonly ending: string
  write(input: KeyFileInput): Promise<string>
}

/**
 * Ready before the bundle is made: one whose keys could not be given to anybody would use up its number.
 * @throws AppError BAD_INPUT for more keys than are typed, NOT_FOUND for a party whose key is not known
 */
export async function keyWriterFor(
  open: Open,
  { party, vaults, key }: { party: string; vaults: readonly string[]; key: KeyChoice },
): Promise<KeyWriter> {
  if (key.form === 'text') return typedKeyWriter(vaults.length)
  if (key.form === 'sealed') return sealingKeyWriter(await encryptionKeyOf(open, party))
  if (key.form === 'wrapped')
    return { ending: '.keys.json', write: (input) => wrapKeys(input, key.passphrase) }
  return { ending: '.keys.json', write: async (input) => encodeKeyFile(input) }
}

function typedKeyWriter(clients: number): KeyWriter {
  if (clients > typedKeys)
    throw new AppError(
      'BAD_INPUT',
      `The keys of more than ${typedKeys} clients are not typed. Nothing was exported. Choose another form, or fewer clients.`,
    )
  return { ending: '.key.txt', write: async ({ keys }) => encodeKeyText(keys) }
}

function sealingKeyWriter(to: string): KeyWriter {
  return { ending: '.keys.json', write: async (input) => sealKeys(input, to) }
}

async function encryptionKeyOf({ db }: Open, party: string): Promise<string> {
  const encryptionKey = (await knownRecipient(db, party))?.encryptionKey
  if (encryptionKey !== undefined) return encryptionKey
  throw new AppError(
    'NOT_FOUND',
    `No key of "${party}" is known here yet. Nothing was exported. Choose another form for the keys this time.`,
  )
}
