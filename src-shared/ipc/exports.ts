/** Bundles for others, and how their keys get there. */
import { z } from 'zod'
import { keyPassphraseChars } from '../model/keys.ts'
import { fileRef, vaultId } from './common.ts'
import { command, query, secret } from './define.ts'

/**
 * How keys look to whoever holds them: a plain key file, one under a passphrase, one that only the recipient's workspace opens,
 * or text to read out.
 */
export const keyForm = z.enum(['file', 'wrapped', 'sealed', 'text'])
export type KeyForm = z.infer<typeof keyForm>

const keyChoice = z.discriminatedUnion('form', [
  z.strictObject({ form: keyForm.exclude(['wrapped']) }),
  z.strictObject({ form: z.literal('wrapped'), passphrase: secret().min(keyPassphraseChars) }),
])
export type KeyChoice = z.infer<typeof keyChoice>

/** Who will receive it. */
const party = z.string().trim().min(1).max(120)

export const exportCalls = {
  /** What is known of a party by its name; `fingerprint` is null for one that never sent us anything. */
  'exports.recipient': query(
    z.strictObject({ party }),
    z.object({ fingerprint: z.string().nullable(), takesSealedKeys: z.boolean() }),
  ),
  'exports.create': command(
    z.strictObject({
      party,
      vaults: z.array(vaultId).min(1).max(4096),
      key: keyChoice.default({ form: 'file' }),
    }),
    z.object({
      bundle: fileRef,
      keys: fileRef,
      keyForm,
      /** To be shown, where the form is `text`. */
      keyText: z.string().nullable(),
      records: z.number().int(),
      sequence: z.number().int(),
    }),
  ),
} as const
