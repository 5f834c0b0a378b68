/** Standing agreements with other offices about what leaves a client's vault: acts, deliveries, receipts, logs. */
import { z } from 'zod'
import {
  agreementDetail,
  agreementId,
  agreementRow,
  brokenRecord,
  comparison,
  decision,
  deliveryCounts,
  preview,
  reason,
  received,
  refusedRow,
  slice,
  termsInput,
} from './agreement-views.ts'
import { collectionName, fileRef, isoTime, none, overrideReason, recordId, vaultId } from './common.ts'
import { command, query, secret } from './define.ts'
import { keyChoice, keyForm, party } from './exports.ts'

const handle = fileRef.shape.handle

/** A key file in any of its forms, or its text, or a typed key. */
const keys = z.union([
  z.object({ handle, passphrase: secret().optional() }).strict(),
  z.object({ text: secret(1024 * 1024), passphrase: secret().optional() }).strict(),
])

const ofAgreement = z.object({ id: agreementId }).strict()

export const agreementCalls = {
  'agreements.list': query(none, z.array(agreementRow)),
  'agreements.get': query(ofAgreement, agreementDetail),
  /** Parties whose key is known here. */
  'agreements.people': query(
    none,
    z.array(z.object({ party: z.string(), fingerprint: z.string(), knownSince: isoTime })),
  ),
  /** What would leave under terms that nobody has proposed yet. */
  'agreements.draft': query(z.object({ vaultId, slice }).strict(), preview),
  'agreements.preview': query(
    z.object({ id: agreementId, full: z.boolean().default(false) }).strict(),
    preview,
  ),
  'agreements.propose': command(
    z.object({ vaultId, party, terms: termsInput, answerBy: isoTime.nullable(), reason }).strict(),
    z.object({ id: agreementId, file: fileRef }),
  ),
  'agreements.consequences': query(
    z.object({ id: agreementId, decision }).strict(),
    z.object({ consequences: z.array(z.string()) }),
  ),
  'agreements.decide': command(
    z.object({ id: agreementId, decision, vaultId: vaultId.optional() }).strict(),
    z.object({ id: agreementId, file: fileRef }),
  ),
  /** A file of ours once more, for one that was lost. */
  'agreements.file': query(
    z.object({ id: agreementId, number: z.number().int().min(1) }).strict(),
    z.object({ file: fileRef }),
  ),
  'agreements.examine': query(z.object({ handle }).strict(), received),
  /** An act or a receipt. `fingerprint` is the one a person has compared, where the key is not known. */
  'agreements.take': command(
    z.object({ handle, fingerprint: z.string().max(256).optional(), vaultId: vaultId.optional() }).strict(),
    z.object({ id: agreementId, outcome: z.enum(['applied', 'unchanged', 'lapsed']) }),
  ),
  'agreements.export': command(
    z
      .object({ id: agreementId, key: keyChoice.default({ form: 'file' }), full: z.boolean().default(false) })
      .strict(),
    z.object({
      bundle: fileRef,
      keys: fileRef,
      keyForm,
      keyText: z.string().nullable(),
      records: z.number().int(),
      gone: z.number().int(),
      sequence: z.number().int(),
    }),
  ),
  /** What applying would do; nothing is written. */
  'agreements.planApply': command(
    z.object({ handle, keys }).strict(),
    z.object({
      id: agreementId,
      /** With the records against a rule, without the refused ones. */
      counts: deliveryCounts,
      refused: z.array(refusedRow),
      broken: z.array(brokenRecord),
    }),
  ),
  'agreements.apply': command(
    z
      .object({
        handle,
        keys,
        exclude: z
          .array(z.object({ collection: collectionName, id: recordId }).strict())
          .max(100_000)
          .default([]),
        /** Take the records that would break a rule; else RULES_BROKEN. */
        override: overrideReason.optional(),
      })
      .strict(),
    z.object({
      id: agreementId,
      importId: z.string(),
      counts: deliveryCounts,
      /** For the sender, who leaves out next time what has arrived. */
      receipt: fileRef,
    }),
  ),
  'agreements.receipt': command(
    z.object({ id: agreementId, fullNeeded: z.boolean().default(false) }).strict(),
    z.object({ file: fileRef }),
  ),
  'agreements.log': query(ofAgreement, z.object({ file: fileRef })),
  'agreements.compare': query(z.object({ id: agreementId, handle }).strict(), comparison),
} as const
