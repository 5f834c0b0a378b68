/** Import of offline bundles: look at the header, give the key, plan, apply, undo. */
import { z } from 'zod'
import {
  collectionName,
  brokenRule,
  done,
  fileRef,
  isoTime,
  none,
  overrideReason,
  page,
  rowCounts,
  rowRef,
  strategy,
  strictness,
  vaultId,
} from './common.ts'
import { command, query, secret } from './define.ts'
import { keyForm } from './exports.ts'

const senderView = z.object({
  state: z.enum(['unsigned', 'unknown', 'known', 'changed']),
  sequenceState: z.enum(['first', 'next', 'replay', 'gap', 'fork', 'none']),
  party: z.string().nullable(),
  fingerprint: z.string().nullable(),
  sequence: z.number().int().nullable(),
  lastSequence: z.number().int().nullable(),
  knownSince: isoTime.nullable(),
  createdAt: isoTime.nullable(),
})
export type SenderView = z.infer<typeof senderView>

const compartmentView = z.object({
  handle: z.string(),
  name: z.string().nullable(),
  bytes: z.number().int(),
  records: z.number().int().nullable(),
  collections: z.array(z.object({ name: z.string(), count: z.number().int() })).nullable(),
  exportedAt: isoTime.nullable(),
  /** The client of ours this compartment most likely belongs to. */
  suggestedVaultId: vaultId.nullable(),
})
export type CompartmentView = z.infer<typeof compartmentView>

/** What can be said of a bundle before any key is given. */
const bundleView = z.object({
  file: fileRef,
  sha256: z.string(),
  compartments: z.array(compartmentView),
  sender: senderView,
  alreadyImported: z.object({ importId: z.string(), at: isoTime }).nullable(),
})
export type BundleView = z.infer<typeof bundleView>

const faultView = z.object({ code: z.string(), message: z.string(), path: z.string().optional() })

const planRow = rowRef.extend({
  vaultName: z.string(),
  title: z.string(),
  outcome: z.enum(['insert', 'update', 'merge', 'delete', 'keep', 'queue', 'equal', 'refuse']),
  fields: z.array(z.string()),
  fault: faultView.nullable(),
  /** Where it stands in a file of another program: "line 17"; null in a bundle. */
  place: z.string().nullable(),
  /** Rules it would break that may be overridden. */
  broken: z.array(brokenRule),
})
export type PlanRow = z.infer<typeof planRow>

export const planView = z.object({
  planId: z.string(),
  hash: z.string(),
  sender: senderView,
  perVault: z.array(
    z.object({
      vault: vaultId,
      name: z.string(),
      handle: z.string(),
      isNew: z.boolean(),
      strategy,
      counts: rowCounts,
      /** Rows that would break a rule. */
      broken: z.number().int(),
    }),
  ),
  counts: rowCounts,
  refused: z.array(planRow),
  /** Rows that are written only with a reason: the first of them, and how many there are. */
  broken: z.object({ total: z.number().int(), rows: z.array(planRow) }),
  /** What changes in amounts, by client and amount, in whole minor units. */
  amounts: z.array(
    z.object({
      vault: vaultId,
      name: z.string(),
      collection: z.string(),
      label: z.string(),
      currency: z.string().nullable(),
      delta: z.number().int(),
      records: z.number().int(),
    }),
  ),
})
export type PlanView = z.infer<typeof planView>

const importReceipt = z.object({
  importId: z.string(),
  appliedAt: isoTime,
  counts: rowCounts,
  perVault: z.array(z.object({ vault: vaultId, name: z.string(), counts: rowCounts })),
  excluded: z.array(planRow),
})
export type ImportReceiptView = z.infer<typeof importReceipt>

const importRow = z.object({
  importId: z.string(),
  fileName: z.string().nullable(),
  sha256: z.string(),
  party: z.string().nullable(),
  sequence: z.number().int().nullable(),
  vaults: z.array(z.object({ vault: vaultId, name: z.string() })),
  counts: rowCounts,
  actor: z.string(),
  appliedAt: isoTime,
  status: z.enum(['applied', 'undone']),
  undoneAt: isoTime.nullable(),
  openConflicts: z.number().int(),
})
export type ImportRowView = z.infer<typeof importRow>

const undoView = z.object({
  importId: z.string(),
  hash: z.string(),
  restore: z.number().int(),
  remove: z.number().int(),
  withdraw: z.number().int(),
  recall: z.array(rowRef.extend({ vaultName: z.string(), title: z.string() })),
  refused: z.array(rowRef.extend({ vaultName: z.string(), title: z.string(), message: z.string() })),
  /** Records in a closed period that it would write: the first of them, how many, and whether a reason opens them. */
  closed: z.object({
    total: z.number().int(),
    overridable: z.boolean(),
    rows: z.array(rowRef.extend({ vaultName: z.string(), title: z.string(), message: z.string() })),
  }),
})
export type UndoView = z.infer<typeof undoView>

/** For a key file that travels under one. */
const keyPassphrase = secret().optional()

export const strictnessByCollection = z.record(collectionName, strictness)

export const importCalls = {
  /** Collections that clients have, and how strictly each client was merged last time, where that was said. */
  'imports.strictness': query(
    none,
    z.object({
      collections: z.array(z.object({ name: collectionName, label: z.string() })),
      byVault: z.record(vaultId, strictnessByCollection),
    }),
  ),
  'imports.inspect': query(z.object({ bundle: fileRef.shape.handle }).strict(), bundleView),
  /** What a chosen key file looks like; whether it is whole, the plan will say. */
  'imports.keyForm': query(z.object({ keys: fileRef.shape.handle }).strict(), z.object({ form: keyForm })),
  'imports.plan': command(
    z
      .object({
        bundle: fileRef.shape.handle,
        /** A key file in any of its forms, or its text, or a typed key. */
        keys: z.union([
          z.object({ handle: fileRef.shape.handle, passphrase: keyPassphrase }).strict(),
          z.object({ text: secret(1024 * 1024), passphrase: keyPassphrase }).strict(),
        ]),
        /** Where each compartment goes: an existing client, or a new one by that name. */
        into: z
          .array(
            z.object({
              handle: z.string().max(64),
              vaultId: vaultId.optional(),
              newClientName: z.string().trim().min(1).max(120).optional(),
              strategy,
              /** By collection; default: as last time for this client, else `field`. */
              strictness: strictnessByCollection.optional(),
            }),
          )
          .min(1)
          .max(4096),
      })
      .strict(),
    planView,
  ),
  'imports.planRows': query(
    z
      .object({
        planId: z.string().max(64),
        vault: vaultId.optional(),
        outcome: planRow.shape.outcome.optional(),
        /** Only rows that would break a rule. */
        broken: z.boolean().default(false),
        offset: z.number().int().min(0).default(0),
        limit: z.number().int().min(1).max(500).default(100),
      })
      .strict(),
    page(planRow),
  ),
  'imports.apply': command(
    z
      .object({
        planId: z.string().max(64),
        exclude: z.array(rowRef).max(100_000).default([]),
        /** The sender signed with another key than before, and a person says it is theirs; else SENDER_CHANGED. */
        acceptChangedSender: z.boolean().default(false),
        /** The message does not follow the last one taken, and a person takes it all the same; else SEQUENCE_REFUSED. */
        acceptSequence: z.boolean().default(false),
        /** Records that the sender deleted may go here, too; else REMOVALS_REFUSED where some would. */
        acceptRemovals: z.boolean().default(false),
        /** Import the rows that would break a rule; else RULES_BROKEN. */
        override: overrideReason.optional(),
        reason: z.string().max(500).optional(),
      })
      .strict(),
    importReceipt,
  ),
  'imports.discard': command(z.object({ planId: z.string().max(64) }).strict(), done),
  'imports.list': query(none, z.array(importRow)),
  'imports.planUndo': query(z.object({ importId: z.string().max(64) }).strict(), undoView),
  'imports.undo': command(
    z
      .object({
        importId: z.string().max(64),
        hash: z.string(),
        /** Write into closed periods; else RULES_BROKEN where it would. */
        override: overrideReason.optional(),
      })
      .strict(),
    undoView,
  ),
} as const
