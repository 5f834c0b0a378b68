/** Bundles for others, how their keys get there, and tables of records in clear. */
import { z } from 'zod'
import { keyPassphraseChars } from '../model/keys.ts'
import { collectionName, fileRef, vaultId } from './common.ts'
import { command, query, secret } from './define.ts'

/**
 * How keys look to whoever holds them: a plain key file, one under a passphrase, one that only the recipient's workspace opens,
 * or text to read out.
 */
export const keyForm = z.enum(['file', 'wrapped', 'sealed', 'text'])
export type KeyForm = z.infer<typeof keyForm>

export const keyChoice = z.discriminatedUnion('form', [
  z.strictObject({ form: keyForm.exclude(['wrapped']) }),
  z.strictObject({ form: z.literal('wrapped'), passphrase: secret().min(keyPassphraseChars) }),
])
export type KeyChoice = z.infer<typeof keyChoice>

/** Who will receive it. */
export const party = z.string().trim().min(1).max(120)

/** Workbook, delimited text, JSON lines, and a report for the printer. */
export const tableFormat = z.enum(['xlsx', 'csv', 'jsonl', 'html'])
export type TableFormat = z.infer<typeof tableFormat>

/** Between cells, and in numbers: `1234.50` with comma and tab, `1234,50` with semicolon. */
const csvSeparator = z.enum(['comma', 'semicolon', 'tab'])
export type CsvSeparator = z.infer<typeof csvSeparator>

const tableChoice = z.strictObject({
  vaults: z.array(vaultId).min(1).max(4096),
  /** Only records in which every word of it occurs; empty = all. */
  search: z.string().max(200).default(''),
})

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
      /** Tells which records they had were deleted here; the receiver is asked before anything goes. */
      deletions: z.boolean().default(false),
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
  /** What an export of tables would hold, by collection over all these clients, and where a format was not allowed yet. */
  'exports.tableFacts': query(
    tableChoice,
    z.object({
      collections: z.array(
        z.object({
          name: collectionName,
          label: z.string(),
          records: z.number().int(),
          /** Of these, what the search finds. */
          found: z.number().int(),
        }),
      ),
      /** Names of the clients whose records may not leave in this format yet. */
      withheld: z.array(z.object({ format: tableFormat, clients: z.array(z.string()) })),
    }),
  ),
  'exports.tables': command(
    tableChoice.extend({
      format: tableFormat,
      collections: z.array(collectionName).min(1).max(64),
      separator: csvSeparator.default('comma'),
      /** Lets the records of these clients leave in this format from now on; else NO_ACCESS where they may not. */
      allow: z.boolean().default(false),
    }),
    z.object({ file: fileRef, records: z.number().int() }),
  ),
} as const
